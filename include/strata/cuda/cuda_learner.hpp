// SPDX-License-Identifier: MIT
// The learner of a training on a GPU. A step and its update are one CUDA graph; only the sums of the loss and whether
// an update was skipped return to the host, which may launch the next step before it reads them: it gives numbers for
// every outcome. Parameters and the optimizer's state are copied back when the loop fetches them.
//
// fp16: the gradients are those of the loss times a factor, initially 65536. If one is not finite, the update is
// skipped and the factor halved; after 1000 updates in a row it is doubled (Micikevicius et al. 2018).
#pragma once

#include <strata/cuda/cuda.hpp>
#include <strata/cuda/kernels/parameter_kernels.hpp>
#include <strata/train/learner.hpp>

#include <vector>

namespace strata::cuda {

/// The factor that scales the loss in fp16; 1 in other precisions.
class LossFactor {
 public:
  explicit LossFactor(bool scales) : factor_(scales ? 65536 : 1), scales_(scales) {}
  double value() const { return factor_; }
  long in_range() const { return good_; }
  bool scales() const { return scales_; }
  /// Restores value() and in_range(); a factor of 0 keeps the initial one.
  void restore(double factor, long in_range) {
    if (scales_ && factor > 0) factor_ = factor, good_ = in_range;
  }
  void updated(bool skipped) {
    if (!scales_) return;
    good_ = skipped ? 0 : good_ + 1;
    if (skipped && factor_ > 1) factor_ /= 2;
    if (good_ == 1000 && factor_ < 65536.0 * 65536) factor_ *= 2, good_ = 0;
  }

 private:
  double factor_;
  bool scales_;
  long good_ = 0;
};

/// Trains on one GPU, alone or together with others.
class CudaLearner final : public training::Learner {
 public:
  /// reducer: sums the gradients of devices that share each batch; null: this device trains alone.
  CudaLearner(const training::Lesson& lesson, const cuda::Subject& subject, cuda::Precision precision,
              const cuda::Device& device = cuda::Device::current(), cuda::Reducer* reducer = nullptr)
      : CudaLearner(lesson, subject, {subject.plan, subject.tensors, subject.tensor_count}, precision, device,
                    reducer) {}

  bool stages_ahead() const override { return true; }
  bool transforms_images() const override { return session_.applies_transforms(); }
  bool takes_byte_labels() const override { return session_.takes_byte_labels(); }
  void stage(const Images& images, const Labels& labels) override { session_.stage(images, labels); }
  void launch(const core::StepOptions& options) override {
    gradient_scale_ = 1;
    more_ = options.more;
    session_.launch(lesson_.keeping(options), now_.factor.value());
  }
  core::StepResult finish() override {
    const core::StepResult result = session_.finish();
    session_.copy_sums_of_heads(more_);
    return result;
  }

  void scale_gradients(double factor) override { gradient_scale_ *= factor; }

  training::Updated update(double rate) override {
    const cuda::Stream stream = session_.device().stream();
    auto* const numbers = reinterpret_cast<cuda::UpdateNumbers*>(pinned_.data());
    *numbers = numbers_of(now_, rate, gradient_scale_);
    numbers->halts = false;
    cuda::copy_to_device(session_.update_numbers(), numbers, sizeof *numbers, stream);
    cuda::ParameterUpdate alone = update_;
    alone.losses = nullptr;
    cuda::run_update(alone);
    auto* const outcome = reinterpret_cast<cuda::UpdateOutcome*>(pinned_.data() + sizeof(cuda::UpdateNumbers));
    cuda::copy_to_host(outcome, session_.update_outcome(), sizeof *outcome, stream);
    cuda::synchronize(stream);
    return now_.follow(outcome->change, rate);
  }

  bool runs_ahead() const override { return true; }
  void launch_update(const core::StepOptions& options, double factor, double rate, bool stop) override {
    std::array<cuda::Turn, cuda::change_count> turns;
    for (int c = 0; c < cuda::change_count; c++) {
      Progress before = now_;
      if (pending_) before.follow(cuda::Change(c), pending_rate_);
      turns[std::size_t(c)] = {before.factor.value(), numbers_of(before, rate, factor)};
      turns[std::size_t(c)].update.divisor =
          options.divide_by_weights ? cuda::LossDivisor::weight : cuda::LossDivisor::counted;
    }
    session_.launch(lesson_.keeping(options), turns, &update_, stop);
    (pending_++ ? next_rate_ : pending_rate_) = rate;
  }
  training::StepAndUpdate finish_update() override {
    training::StepAndUpdate out{session_.finish()};
    out.updated = now_.follow(session_.outcome().change, pending_rate_);
    out.stops = session_.stops();
    if (--pending_) pending_rate_ = next_rate_;
    return out;
  }

  void average(double weight) override {
    lesson_.require_average();
    const cuda::Stream stream = session_.device().selected().stream();
    cuda::run_move_average(stream, float(weight), floats_, session_.parameters(), average_.floats());
    if (lesson_.buffer_floats > 0)
      cuda::run_move_average(stream, float(weight), lesson_.buffer_floats, session_.buffers(),
                             average_.floats() + floats_);
  }

  void abandon() override { session_.abandon(); }
  void fetch() override {
    session_.fetch_parameters(lesson_.parameters);
    session_.fetch_buffers(lesson_.buffers);
    if (averages()) {
      session_.fetch_ordered(average_.floats(), lesson_.average_parameters);
      session_.fetch_buffers(average_.floats() + floats_, lesson_.average_buffers);
    }
    for (int s = 0; s < lesson_.optimizer.slots; s++)
      session_.fetch_ordered(state_on_device_.floats() + s * floats_, state_.data() + s * lesson_.parameter_floats);
  }
  void put() override {
    session_.put(lesson_.parameters, lesson_.buffers);
    if (averages()) {
      session_.put_ordered(lesson_.average_parameters, average_.floats());
      session_.put_buffers(lesson_.average_buffers, average_.floats() + floats_);
    }
    for (int s = 0; s < lesson_.optimizer.slots; s++)
      session_.put_ordered(state_.data() + s * lesson_.parameter_floats, state_on_device_.floats() + s * floats_);
  }

  cuda::TrainingSession& session() { return session_; }

  core::Floats& state() override { return state_; }
  training::Standing standing() const override {
    const LossFactor& factor = now_.factor;
    return {now_.steps, now_.rate, factor.scales() ? factor.value() : 0, factor.scales() ? factor.in_range() : 0};
  }
  void restore(const training::Standing& standing) override {
    now_.steps = standing.steps, now_.rate = standing.rate;
    now_.factor.restore(standing.loss_factor, standing.in_range);
  }

 private:
  /// How far the updates are.
  struct Progress {
    LossFactor factor;
    long steps = 0;
    double rate = 0;  ///< of the last one

    training::Updated follow(cuda::Change change, double its_rate) {
      if (change == cuda::Change::idle) return training::Updated::yes;
      const bool skipped = change == cuda::Change::skipped, shrinks = factor.scales() && factor.value() > 1;
      factor.updated(skipped);
      if (skipped) return shrinks ? training::Updated::skipped : training::Updated::no;
      steps++, rate = its_rate;
      return training::Updated::yes;
    }
  };

  cuda::UpdateNumbers numbers_of(const Progress& before, double rate, double gradient_scale) const {
    const double previous = before.steps ? before.rate : rate;
    return {.formula = lesson_.optimizer.formula({before.steps + 1, rate, previous, 1}),
            .rate = float(rate),
            .gradient_scale = float(gradient_scale / before.factor.value()),
            .clip_value = float(lesson_.clip.value),
            .clip_norm = float(lesson_.clip.norm),
            .checks = update_.measures,
            .halts = !(before.factor.scales() && before.factor.value() > 1)};
  }

  CudaLearner(const training::Lesson& lesson, const cuda::Subject& subject, const cuda::ParameterLayout& arrangement,
              cuda::Precision precision, const cuda::Device& device, cuda::Reducer* reducer)
      : lesson_(lesson),
        floats_(arrangement.floats()),
        table_(lesson.grouping.applied_to(arrangement.tensors().data(), lesson.tensors).data(), lesson.tensors),
        session_(subject, precision,
                 {.images = lesson.images,
                  .sizes = lesson.sizes,
                  .accumulates = lesson.accumulates,
                  .extra_bytes = update_bytes(),
                  .losses = lesson.losses,
                  .float_targets = lesson.float_targets},
                 device),
        now_{LossFactor(precision.scales_loss)},
        chunks_(long(table_.chunks.size() * sizeof(cuda::UpdateChunk))),
        first_chunk_(long(table_.first_chunk.size() * sizeof(int))),
        state_on_device_(4 * floats_ * lesson.optimizer.slots),
        average_(average_bytes()),
        workspace_(cuda::update_workspace_bytes(int(table_.chunks.size()), lesson.tensors)),
        pinned_(sizeof(cuda::UpdateNumbers) + sizeof(cuda::UpdateOutcome)),
        state_(std::size_t(lesson.parameter_floats) * std::size_t(lesson.optimizer.slots)),
        drain_(device) {
    if (lesson.optimizer.formula({}).kind == core::UpdateFormula::Kind::own)
      throw Error("train: the optimizer ", lesson.optimizer.name,
                  " has no coefficients(), which updates on a GPU need; ",
                  "use one of the library's optimizers, add coefficients() to it, or use the back end Cpu");
    if (reducer) session_.share(*reducer);
    const cuda::Stream stream = session_.device().stream();
    cuda::copy_to_device(chunks_.data(), table_.chunks.data(), chunks_.bytes(), stream);
    cuda::copy_to_device(first_chunk_.data(), table_.first_chunk.data(), first_chunk_.bytes(), stream);
    cuda::synchronize(stream);
    update_ = {.stream = stream,
               .kind = lesson.optimizer.formula({}).kind,
               .layerwise = lesson.optimizer.layerwise,
               .measures = lesson.clip.norm < HUGE_VAL || precision.scales_loss,
               .chunk_count = int(table_.chunks.size()),
               .tensors = lesson.tensors,
               .floats = floats_,
               .chunks = reinterpret_cast<const cuda::UpdateChunk*>(chunks_.data()),
               .first_chunk = reinterpret_cast<const int*>(first_chunk_.data()),
               .parameters = session_.parameters(),
               .gradients = session_.gradients(),
               .state = state_on_device_.floats(),
               .numbers = session_.update_numbers(),
               .losses = session_.loss_sums(),
               .outcome = session_.update_outcome(),
               .workspace = workspace_.data()};
  }

  /// Bytes that updates use on the device.
  long update_bytes() const {
    const long chunks = long(table_.chunks.size());
    return chunks * long(sizeof(cuda::UpdateChunk)) + long(table_.first_chunk.size() * sizeof(int)) +
           4 * floats_ * lesson_.optimizer.slots + average_bytes() +
           cuda::update_workspace_bytes(int(chunks), lesson_.tensors);
  }
  bool averages() const { return lesson_.average_parameters; }
  long average_bytes() const { return averages() ? 4 * (floats_ + lesson_.buffer_floats) : 0; }

  training::Lesson lesson_;
  long floats_;  ///< of the parameters on the device
  cuda::UpdateTable table_;
  cuda::TrainingSession session_;
  Progress now_;  ///< after the last update that the host knows of
  cuda::DeviceMemory chunks_, first_chunk_, state_on_device_;
  cuda::DeviceMemory average_;  ///< of models: of the parameters, then of the buffers
  cuda::DeviceMemory workspace_;
  cuda::PinnedMemory pinned_;
  core::Floats state_;  ///< on the host, as last fetched
  cuda::ParameterUpdate update_;
  double gradient_scale_ = 1;
  core::StepResult* more_ = nullptr;  ///< StepOptions::more of the step in progress
  int pending_ = 0;                   ///< launched updates that the host does not know of, at most two
  double pending_rate_ = 0, next_rate_ = 0;
  cuda::Drain drain_;
};

}  // namespace strata::cuda

namespace strata::training {

template <class Net, class Backend>
std::unique_ptr<Learner> make_device_learner(const Lesson& lesson) {
  const auto of_device = [](const Lesson& own, const cuda::Device& device,
                            cuda::Reducer* reducer) -> std::unique_ptr<Learner> {
    return std::make_unique<cuda::CudaLearner>(own, cuda::training_subject<Net, Backend::options>(), Backend::precision,
                                               device, reducer);
  };
  using Sharing = typename Backend::Sharing;
  if constexpr (std::is_void_v<Sharing>) return of_device(lesson, cuda::Device::current(), nullptr);
  else {
    constexpr auto& net = graph::lowered<Net>;
    std::vector<Shape> outputs;
    for (int h = 0; h < net.head_count; h++) outputs.push_back(net.graph.nodes[net.heads[h].value].out);
    return Sharing::learner(lesson, net.source_count, outputs, of_device);
  }
}

}  // namespace strata::training

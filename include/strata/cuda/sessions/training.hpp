// SPDX-License-Identifier: MIT
// Training steps on the device. Parameters, their gradients, running statistics and everything that a step computes
// stay there. A step copies a batch to the device, possibly while the previous step runs, and the sums of its loss to
// the host. Its labels are counted on the device. A step may end in the update of the parameters, which is then part of
// the same CUDA graph; two such steps may be in progress, so that the host reads the loss of one while the next runs.
#pragma once

#include <strata/core/losses/class_losses.hpp>
#include <strata/core/losses/step_loss.hpp>
#include <strata/cuda/kernels/parameter_kernels.hpp>
#include <strata/cuda/planning/parameter_layout.hpp>
#include <strata/cuda/sessions/inference.hpp>

#include <algorithm>
#include <array>

namespace strata::cuda {

/// What a session is sized for.
struct TrainingNeeds {
  int images = 1;            ///< the largest batch size of a step
  std::vector<int> sizes{};  ///< further batch sizes, whose programs are built with the session and not at first use
  bool accumulates = false;  ///< whether steps may add to the gradients of the previous one
  long extra_bytes = 0;      ///< bytes of device memory that the caller allocates after the session
  std::vector<core::LossTerm> losses{};  ///< of all steps, by head; what they point to outlives the session; empty:
                                         ///< softmax cross-entropy
  unsigned float_targets = 0;            ///< bit h: whether the targets of head h are floats
};

/// The factor of a step's loss and the numbers of the update that ends it, if the update before ended in a Change.
struct Turn {
  double loss_factor = 1;
  UpdateNumbers update{};
};

/// The part of training that does not depend on the network. Throws Error if the device has no room for it.
class TrainingSession {
 public:
  TrainingSession(const Subject& subject, Precision precision, const TrainingNeeds& needs,
                  const Device& device = Device::current())
      : subject_(subject),
        precision_(precision),
        device_(device.selected()),
        heads_(graph::result_count(subject.plan)),
        float_targets_(needs.float_targets),
        terms_(checked(needs.losses)),
        layers_(layers_with_statistics(subject.plan)),
        layout_(subject.plan, subject.tensors, subject.tensor_count),
        nodes_(layout_.placed(subject.plan)),
        programs_(device_, placed_plan(), precision, needs.images, needs.sizes,
                  [this, more = needs.extra_bytes, accumulates = needs.accumulates](int n) {
                    return more + own_bytes(n, accumulates);
                  }),
        inputs_(device_, needs.images, input_shapes()),
        parameters_(4 * layout_.floats()),
        gradients_(4 * layout_.floats()),
        earlier_(needs.accumulates ? gradients_.bytes() : 0),
        buffers_(4 * subject.buffer_floats),
        copies_(copies_bytes(layout_.floats(), precision.element)),
        class_weights_(weight_bytes()),
        choices_(2 * choices_bytes),
        numbers_(sizeof(DeviceNumbers)),
        pinned_(4 * std::max(layout_.floats(), subject.buffer_floats)),
        pinned_choices_(2 * choices_bytes),
        pinned_results_(2 * sizeof(StepOutcome)),
        pinned_class_weights_(2 * weight_bytes()),
        drain_(device_) {
    for (OwnedEvent& done : done_) done = make_event();
    bindings_.parameters = parameters_.floats();
    bindings_.buffers = buffers_.floats();
    bindings_.gradients = gradients_.floats();
    bindings_.numbers = &on_device()->turn.step;
    bindings_.functors = subject.functors;
    for (int p = 0; p < inputs_.count(); p++) bindings_.images[p] = inputs_.images(p);
    const float* weights_of_head = class_weights_.floats();
    for (int h = 0; h < heads_; h++) {
      DeviceNumbers* const numbers = on_device();
      Bindings::OfHead& head = bindings_.heads[h];
      head = {.numbers = h == 0 ? &numbers->turn.step : &numbers->turn.of_heads[h - 1],
              .class_weights = weights_of_head,
              .labels = inputs_.labels(h),
              .sums = h == 0 ? &numbers->outcome.sums : &numbers->outcome.of_heads[h - 1]};
      const core::LossTerm& term = terms_[std::size_t(h)];
      if (takes_floats(h)) head.labels = reinterpret_cast<const float*>(inputs_.labels(h).values);
      if (term.function)
        head.loss = {.kind = term.function->on_device,
                     .decides = term.function->decides,
                     .threshold = float(term.function->threshold),
                     .numbers = {float(term.numbers[0]), float(term.numbers[1])},
                     .positive_weights = term.positive_weights ? weights_of_head + scored(h).channels : nullptr};
      weights_of_head += weight_floats(h);
    }
    for (int i = 0; i < subject.plan.count; i++) {
      const Node& node = nodes_[std::size_t(i)];
      const bool linear = multiplies_weights(node.op);
      bindings_.weights.push_back(linear ? weights() + node.weights * bytes_of(precision.element) : nullptr);
      bindings_.biases.push_back(linear && node.bias >= 0 ? parameters_.floats() + node.bias : nullptr);
    }
    check(cudaMemsetAsync(gradients_.data(), 0, std::size_t(gradients_.bytes()), device_.stream()), "cudaMemsetAsync");
    forget_outcomes();
  }

  TrainingSession(const TrainingSession&) = delete;
  TrainingSession& operator=(const TrainingSession&) = delete;

  /// Sums the gradients and loss of every step over all devices that share its batch. Call it before the first launch.
  void share(Reducer& reducer) { bindings_.reducer = &reducer; }

  /// Copies the model's parameters and buffers from the host, in PyTorch's order, to the device.
  void put(const float* parameters, const float* buffers) {
    device_.select();
    put_ordered(parameters, parameters_.floats());
    put_buffers(buffers, buffers_.floats());
    forget_outcomes();
  }
  /// Copy buffers, as the model has them, to or from the device.
  void put_buffers(const float* from, float* on_device) {
    std::memcpy(pinned_.data(), from, std::size_t(buffers_.bytes()));
    copy_to_device(on_device, pinned_.data(), buffers_.bytes(), device_.stream());
    synchronize(device_.stream());
  }
  void fetch_buffers(const float* on_device, float* to) {
    copy_to_host(pinned_.data(), on_device, buffers_.bytes(), device_.stream());
    synchronize(device_.stream());
    std::copy_n(reinterpret_cast<const float*>(pinned_.data()), subject_.buffer_floats, to);
  }
  /// Copy one number per parameter to or from the device: PyTorch's order on the host, layout()'s on the device.
  void put_ordered(const float* from, float* on_device) {
    layout_.to_device(from, reinterpret_cast<float*>(pinned_.data()));
    copy_to_device(on_device, pinned_.data(), 4 * layout_.floats(), device_.stream());
    synchronize(device_.stream());
  }
  void fetch_ordered(const float* on_device, float* to) {
    copy_to_host(pinned_.data(), on_device, 4 * layout_.floats(), device_.stream());
    synchronize(device_.stream());
    layout_.from_device(reinterpret_cast<const float*>(pinned_.data()), to);
  }
  void fetch_parameters(float* to) { fetch_ordered(parameters_.floats(), to); }
  void fetch_gradients(float* to) { fetch_ordered(gradients_.floats(), to); }
  void fetch_buffers(float* to) { fetch_buffers(buffers_.floats(), to); }

  /// Stages a batch for the next launch; at most one may wait while steps run. Another thread may do this meanwhile.
  void stage(const Images& images, const Labels& labels) {
    device_.select();
    for (int h = 0; h < heads_; h++) {
      const bool floats = core::head_of(labels, h).floats;
      if (floats != takes_floats(h))
        throw Error("CUDA: the samples have ", floats ? "floats" : "labels", ", but the loss of this session takes ",
                    takes_floats(h) ? "floats" : "labels", "; give these, or use the back end Cpu");
    }
    Images own = images;
    if (!applies_transforms()) own.transforms = nullptr;
    inputs_.stage(own, &labels);
    staged_ = images.count;
  }
  /// Whether Images::transforms are applied; else stage() ignores them.
  bool applies_transforms() const { return inputs_.applies_transforms(); }
  /// Whether labels may be given as bytes.
  bool takes_byte_labels() const { return heads_ == 1 && label_bytes(labeled(0)) == 1; }

  /// Starts a step on the staged batch. loss_factor multiplies its gradients, which keeps them in range in fp16. Throws
  /// Error if the step accumulates and the session was not created for that.
  void launch(const core::StepOptions& options, double loss_factor = 1) {
    launch(options, {Turn{loss_factor}, Turn{loss_factor}, Turn{loss_factor}}, nullptr, false);
  }
  /// The same; the step ends in `update`, unless null. turns: by what becomes of the update before. stop: asks all
  /// devices that share the batch to stop.
  void launch(const core::StepOptions& options, const std::array<Turn, change_count>& turns,
              const ParameterUpdate* update, bool stop) {
    device_.select();
    const Stream stream = device_.stream();
    const int slot = int(launched_++ % 2);
    check(cudaEventSynchronize(done_[slot].get()), "cudaEventSynchronize");  // its pinned memory has been read
    auto* const choices = reinterpret_cast<TurnNumbers*>(pinned_choices_.data() + slot * choices_bytes);
    for (int c = 0; c < change_count; c++) {
      const Turn& turn = turns[std::size_t(c)];
      choices[c].step = {.seed = options.seed,
                         .loss_scale = float((options.loss_scale != 0 ? options.loss_scale : 1) * turn.loss_factor),
                         .momentum = float(options.momentum),
                         .divisor = options.loss_scale != 0     ? LossDivisor::none
                                    : options.divide_by_weights ? LossDivisor::weight
                                                                : LossDivisor::counted,
                         .stop = stop};
      choices[c].update = turn.update;
      const StepNumbers plain = choices[c].step;
      for (int h = 0; h < heads_; h++) {
        const core::LossTerm term = term_of(options, h);
        StepNumbers& numbers = h == 0 ? choices[c].step : choices[c].of_heads[h - 1];
        numbers = plain;
        numbers.loss_scale *= float(term.factor);
        if (term.divisor == core::LossTerm::Divisor::step) continue;
        numbers.loss_scale = float(term.factor * turn.loss_factor);
        numbers.divisor = term.divisor == core::LossTerm::Divisor::counted  ? LossDivisor::counted
                          : term.divisor == core::LossTerm::Divisor::weight ? LossDivisor::weight
                                                                            : LossDivisor::none;
      }
    }
    auto* const staged = reinterpret_cast<TurnNumbers*>(choices_.data() + slot * choices_bytes);
    copy_to_device(staged, choices, choices_bytes, stream);
    run_choose_numbers(stream, staged, &on_device()->outcome.update, &on_device()->turn);
    float* const own = reinterpret_cast<float*>(pinned_class_weights_.data() + slot * weight_bytes());
    float* weight = own;
    for (int h = 0; h < heads_; h++) {
      const float* const weights = term_of(options, h).weights;
      for (int c = 0; c < scored(h).channels; c++) *weight++ = weights ? weights[c] : 1.f;
      if (const float* const positive = terms_[std::size_t(h)].positive_weights)
        weight = std::copy_n(positive, scored(h).channels, weight);
    }
    copy_to_device(class_weights_.data(), own, class_weights_.bytes(), stream);
    if (copies_.bytes() > 0)
      run_copy_weights(stream, precision_.element, layout_.floats(), parameters_.floats(), copies_.data());
    const bool adds = options.accumulate && options.backward;
    if (adds && earlier_.bytes() < gradients_.bytes())
      throw Error(
          "CUDA: a step accumulates gradients, but its session was created without room for them; set TrainingNeeds::accumulates");
    if (adds) copy_on_device(earlier_.data(), gradients_.data(), gradients_.bytes(), stream);
    if (options.kept) bindings_.kept.assign(options.kept, options.kept + layers_);
    else bindings_.kept.clear();
    bindings_.update = update;
    bindings_.images_are_bytes = inputs_.take(staged_);
    programs_.run(staged_, options.shared_images, bindings_, !options.backward);
    if (adds) run_add(stream, layout_.floats(), earlier_.floats(), gradients_.floats());
    copy_to_host(pinned_results_.data() + slot * long(sizeof(StepOutcome)), &on_device()->outcome, sizeof(StepOutcome),
                 stream);
    check(cudaEventRecord(done_[slot].get(), stream), "cudaEventRecord");
  }

  /// Waits for the oldest step that is not finished, and returns its loss sums and counts.
  core::StepResult finish() {
    device_.select();
    const int slot = int(finished_++ % 2);
    check(cudaEventSynchronize(done_[slot].get()), "cudaEventSynchronize");
    std::memcpy(&last_, pinned_results_.data() + slot * long(sizeof(StepOutcome)), sizeof last_);
    return result_of(last_.sums);
  }
  /// Of the step that was finished last: the sums of heads 1, 2, ... of a network with several.
  void copy_sums_of_heads(core::StepResult* more) const {
    for (int h = 1; h < heads_ && more; h++) more[h - 1] = result_of(last_.of_heads[h - 1]);
  }
  /// What became of the update that ended the step which was finished last.
  const UpdateOutcome& outcome() const { return last_.update; }
  /// Whether any device was asked to stop when it was launched.
  bool stops() const { return last_.sums.stops > 0; }

  // For an update: device memory of its numbers, of its outcome and of the sums that it reads.
  UpdateNumbers* update_numbers() const { return &on_device()->turn.update; }
  UpdateOutcome* update_outcome() const { return &on_device()->outcome.update; }
  const LossSums* loss_sums() const { return &on_device()->outcome.sums; }

  /// How long the nodes of the last step took; empty unless it was eager (runtime/eager.hpp).
  std::span<const StepTime> times() const { return programs_.times(); }

  /// Gives up what was captured, since another device failed and steps may never end.
  void abandon() { programs_.forget_graphs(); }

  const Device& device() const { return device_; }
  const ParameterLayout& layout() const { return layout_; }
  float* parameters() const { return parameters_.floats(); }
  float* gradients() const { return gradients_.floats(); }
  float* buffers() const { return buffers_.floats(); }

 private:
  struct StepOutcome {
    LossSums sums{};
    UpdateOutcome update{};
    LossSums of_heads[graph::max_ports - 1]{};  ///< of heads 1, 2, ...
  };
  struct DeviceNumbers {
    TurnNumbers turn;
    StepOutcome outcome;
  };
  static constexpr long choices_bytes = change_count * long(sizeof(TurnNumbers));

  /// An address on the device.
  DeviceNumbers* on_device() const { return reinterpret_cast<DeviceNumbers*>(numbers_.data()); }
  /// The next update follows none.
  void forget_outcomes() {
    const auto* const none = new (pinned_results_.data()) StepOutcome;
    copy_to_device(&on_device()->outcome, none, sizeof *none, device_.stream());
    synchronize(device_.stream());
  }

  static core::StepResult result_of(const LossSums& sums) {
    return {sums.loss, sums.weight, long(sums.correct), long(sums.counted)};
  }
  /// One term for each head. Throws Error for a loss that the device does not compute.
  std::vector<core::LossTerm> checked(std::vector<core::LossTerm> terms) const {
    terms.resize(std::size_t(heads_));
    for (int h = 0; h < heads_; h++) {
      core::LossTerm& term = terms[std::size_t(h)];
      if (takes_floats(h) && !term.function) term.function = &core::cross_entropy_loss;
      if (term.function && term.function->on_device == core::OnDevice::none)
        throw Error("CUDA: the GPU does not compute the loss ", term.function->name,
                    ", which is your own; use one of the library's, or the back end Cpu");
    }
    return terms;
  }
  /// Of one image: the scores that the loss of a head reads.
  Shape scored(int head) const { return subject_.plan.nodes[graph::result_of(subject_.plan, head)].mid; }
  /// Whether the targets of a head are floats.
  bool takes_floats(int head) const { return float_targets_ >> head & 1; }
  /// The shape of scores with as many labels as a head's targets are.
  Shape labeled(int head) const { return takes_floats(head) ? one_label_per_value(scored(head)) : scored(head); }
  PortShapes input_shapes() const {
    PortShapes shapes = port_shapes(subject_.plan);
    for (int h = 0; h < heads_; h++) shapes.labels[h] = labeled(h);
    return shapes;
  }
  /// The weights of a head's classes, then those of its positive targets, if it has any.
  long weight_floats(int head) const {
    return (terms_[std::size_t(head)].positive_weights ? 2L : 1L) * scored(head).channels;
  }
  long weight_bytes() const {
    long bytes = 0;
    for (int h = 0; h < heads_; h++) bytes += 4 * weight_floats(h);
    return bytes;
  }
  /// What the loss of a head computes in a step. Throws Error unless it is the loss that the session was created for.
  core::LossTerm term_of(const core::StepOptions& options, int head) const {
    const core::LossTerm term = core::loss_term(options, {}, head);
    if (term.function && term.function != terms_[std::size_t(head)].function)
      throw Error("CUDA: the loss of a step is not that of its session; set TrainingNeeds::losses");
    return term;
  }
  static int layers_with_statistics(const PlanView& plan) {
    int layers = 0;
    for (int i = 0; i < plan.count; i++)
      if (plan.nodes[i].op == Op::batch_statistics) layers = std::max(layers, plan.nodes[i].layer + 1);
    return layers;
  }
  /// Bytes of device memory for batch sizes up to n, in addition to the programs' arena.
  long own_bytes(int n, bool accumulates) const {
    return PortInputs::device_bytes(n, input_shapes()) +
           training_number_bytes(layout_.floats(), subject_.buffer_floats, precision_.element, accumulates) +
           weight_bytes() + long(sizeof(DeviceNumbers)) + 2 * choices_bytes;
  }
  PlanView placed_plan() const {
    PlanView plan = subject_.plan;
    plan.nodes = nodes_.data();
    return plan;
  }
  /// The numbers that are multiplied: the parameters, or their copies in the precision.
  const unsigned char* weights() const { return copies_.bytes() > 0 ? copies_.data() : parameters_.data(); }

  Subject subject_;
  Precision precision_;
  Device device_;
  int heads_;
  unsigned float_targets_;             ///< bit h: those of head h
  std::vector<core::LossTerm> terms_;  ///< by head
  int layers_;                         ///< up to and including the last batch norm
  ParameterLayout layout_;
  std::vector<Node> nodes_;
  Programs programs_;
  PortInputs inputs_;
  DeviceMemory parameters_, gradients_;
  DeviceMemory earlier_;  ///< gradients of the previous micro-batches
  DeviceMemory buffers_, copies_, class_weights_;
  DeviceMemory choices_, numbers_;  ///< TurnNumbers of two steps, by Change; DeviceNumbers
  PinnedMemory pinned_;
  PinnedMemory pinned_choices_, pinned_results_, pinned_class_weights_;  ///< of two steps
  OwnedEvent done_[2];                                                   ///< of two steps
  long launched_ = 0, finished_ = 0;
  StepOutcome last_{};
  Bindings bindings_;
  int staged_ = 0;
  Drain drain_;
};

}  // namespace strata::cuda

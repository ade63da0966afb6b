// SPDX-License-Identifier: MIT
// The training loop, without templates: it sees a model and its data through Trainee.
#pragma once

#include <cmath>
#include <memory>
#include <vector>

#include <strata/core/batch.hpp>
#include <strata/core/clock.hpp>
#include <strata/train/checkpoint.hpp>
#include <strata/train/learner.hpp>
#include <strata/train/options.hpp>
#include <strata/train/order.hpp>

namespace strata::detail {

/// What the loop needs of a model and its data.
class Trainee {
 public:
  const graph::Tensor* table = nullptr;  ///< of the parameters
  int tensors = 0;
  long parameter_floats = 0, buffer_floats = 0;
  float *parameters = nullptr, *buffers = nullptr;
  std::uint64_t network = 0, seed = 0;
  int samples = 0, classes = 0;
  bool validates = false;

  virtual ~Trainee() = default;
  virtual std::unique_ptr<Learner> learner(const Lesson& lesson) = 0;
  virtual void fit_input() = 0;
  virtual void begin_epoch(const std::int32_t* order, int count, std::uint64_t seed_of_epoch, bool learner_changes) = 0;
  virtual Batch batch(const std::int32_t* index, int count) = 0;  ///< checked; valid until the next call
  virtual Evaluation validate() = 0;
};

/// Refuses options that make no sense for so many samples.
inline void check_options(const TrainOptions& o, int samples, int classes, bool validates) {
  if (samples < 1) throw Error("train: the training set is empty; give it at least one sample");
  if (o.epochs < 1 || o.epochs > 100'000'000) throw Error("train: epochs = ", o.epochs, "; give a number from 1");
  if (o.batch < 1) throw Error("train: batch = ", o.batch, "; give the images of one update, from 1");
  if (o.micro_batch < 0) throw Error("train: micro_batch = ", o.micro_batch, "; give the images at once, or 0 for all");
  if (o.partial == Partial::drop && o.batch > samples)
    throw Error("train: a batch of ", o.batch, " images is more than the ", samples,
                " of the training set, and partial batches are dropped, so nothing would be learned; take a smaller "
                "batch or Partial::keep");
  if (!o.optimizer.rate.sensible())
    throw Error("train: the learning rate ", o.optimizer.rate.rate(), " is not a positive number");
  if (!(o.clip.norm > 0) || !(o.clip.value > 0)) throw Error("train: gradients are clipped to a positive bound, or not");
  if (!o.loss.class_weights.empty() && int(o.loss.class_weights.size()) != classes)
    throw Error("train: loss.class_weights has ", o.loss.class_weights.size(), " weights, and the network has ", classes,
                " classes; give one weight a class, or none");
  for (float w : o.loss.class_weights)
    if (!(w >= 0) || !std::isfinite(w)) throw Error("train: loss.class_weights holds ", w, "; give finite weights, 0 or more");
  if (!(o.loss.scale > 0) || !std::isfinite(o.loss.scale)) throw Error("train: loss.scale must be a positive number");
  if (o.validation.every < 0 || o.validation.patience < 0)
    throw Error("train: validation.every and patience must not be negative");
  if (o.validation.patience > 0 && !validates) throw Error("train: patience needs a validation set; give data.validation");
  if (o.checkpoints.every_epochs < 0 || o.checkpoints.every_iterations < 0)
    throw Error("train: checkpoints.every_epochs and every_iterations must not be negative");
  if (o.checkpoints.resume == Resume::yes && o.checkpoints.path.empty())
    throw Error("train: there is no checkpoint to resume from; give checkpoints.path");
}

class TrainingLoop {
 public:
  TrainingLoop(Trainee& trainee, const TrainOptions& options)
      : t_((check_options(options, trainee.samples, trainee.classes, trainee.validates), trainee)),
        o_(options),
        micro_(least(o_.micro_batch ? o_.micro_batch : o_.batch, o_.batch, t_.samples)),
        per_epoch_(o_.partial == Partial::drop ? t_.samples / o_.batch : (t_.samples + o_.batch - 1) / o_.batch),
        total_(long(o_.epochs) * per_epoch_) {}

  Run run() {
    begin_ = clock_seconds();
    setup();
    const bool in_parts = micro_ < o_.batch && micro_ < t_.samples;
    learner_ = t_.learner({t_.table, t_.tensors, t_.parameter_floats, t_.buffer_floats, t_.parameters, t_.buffers, micro_, o_.optimizer, o_.clip, in_parts});
    const bool resumed = resume();
    if (!resumed) t_.fit_input();
    learner_->put();
    tell(Event::start);
    if (state_.iteration < total_ && state_.iteration % per_epoch_ != 0) begin_epoch();
    while (run_.status == Status::complete && state_.iteration < total_ && !out_of_patience()) iterate();
    if (out_of_patience() && run_.status == Status::complete && state_.iteration < total_) {
      run_.status = Status::early;
      run_.why = sentence("the validation loss was no better than its best ", o_.validation.patience, " times in a row");
    }
    if (run_.status == Status::complete || run_.status == Status::early) finish();
    else learner_->fetch();
    measure();
    tell(Event::end);
    return std::move(run_);
  }

 private:
  enum Stream : std::uint64_t { order_stream = 1, dropout_stream, statistics_stream };

  static int least(int a, int b, int c) { return a < b ? (a < c ? a : c) : (b < c ? b : c); }
  long epoch() const { return state_.iteration / per_epoch_; }
  bool out_of_patience() const {
    return o_.validation.patience > 0 && state_.validations_since_best >= o_.validation.patience;
  }

  void setup() {
    setup_.network = t_.network;
    setup_.seed = t_.seed;
    setup_.samples = t_.samples, setup_.batch = o_.batch, setup_.micro_batch = micro_;
    setup_.shuffle = int(o_.shuffle), setup_.partial = int(o_.partial), setup_.slots = o_.optimizer.slots;
    setup_.parameters = t_.parameter_floats, setup_.buffers = t_.buffer_floats;
    std::strncpy(setup_.optimizer, o_.optimizer.name, sizeof setup_.optimizer - 1);
  }
  TrainingBlocks blocks() { return {t_.parameters, t_.buffers, learner_->state().data()}; }

  bool resume() {
    const Checkpoints& c = o_.checkpoints;
    if (c.resume == Resume::no || (c.resume == Resume::if_present && !file_exists(c.path))) return false;
    read_checkpoint(c.path, setup_, state_, blocks(), run_.history);
    learner_->restore({long(state_.optimizer_step), state_.optimizer_rate, state_.loss_factor, long(state_.in_range)});
    written_ = state_.iteration;
    return true;
  }

  void begin_epoch() {
    const std::uint64_t epoch_seed = mix(mix(t_.seed, order_stream), std::uint64_t(epoch()));
    if (o_.shuffle == Shuffle::never) {
      order_.resize(std::size_t(t_.samples));
      for (int i = 0; i < t_.samples; i++) order_[i] = i;
    } else {
      shuffle_order(order_, t_.samples, o_.shuffle == Shuffle::once ? mix(t_.seed, order_stream) : epoch_seed);
    }
    used_ = o_.partial == Partial::drop ? per_epoch_ * o_.batch : t_.samples;
    update_ = o_.batch;
    staged_ = nullptr;
    t_.begin_epoch(order_.data(), int(used_), epoch_seed, learner_->changes_pictures());
  }

  /// One update, and what is due after it.
  void iterate() {
    const double started = clock_seconds();
    if (state_.iteration % per_epoch_ == 0) {
      begin_epoch();
      state_.epoch_loss = state_.epoch_weight = 0, state_.epoch_correct = state_.epoch_counted = 0;
    }
    const long first = state_.iteration % per_epoch_ * o_.batch;
    const int count = int(t_.samples - first < o_.batch ? t_.samples - first : o_.batch);
    const StepResult result = gradients(order_.data() + first, count);
    const double divisor = divisor_of(result.counted, result.weight), loss = divisor > 0 ? result.loss / divisor : 0;
    const Moment moment{long(state_.iteration), per_epoch_, o_.epochs};
    const double rate = o_.optimizer.rate.at(moment);
    if (!std::isfinite(loss)) return fail("the loss became ", loss, state_.iteration + 1);
    if (result.counted > 0 && learner_->update(rate) == Updated::no)
      return fail("the norm of the gradients became NaN or infinite", "", state_.iteration + 1);
    const Standing standing = learner_->standing();
    state_.optimizer_step = standing.steps, state_.optimizer_rate = standing.rate;
    state_.loss_factor = standing.loss_factor, state_.in_range = standing.in_range;
    state_.iteration++;
    state_.epoch_loss += result.loss, state_.epoch_weight += result.weight;
    state_.epoch_correct += result.correct, state_.epoch_counted += result.counted;
    state_.images += count;
    const bool epoch_ends = state_.iteration % per_epoch_ == 0;
    const double now = clock_seconds();
    state_.train_seconds += now - started;

    Record record;
    record.epoch = int((state_.iteration - 1) / per_epoch_ + 1), record.iteration = state_.iteration;
    record.loss = loss, record.rate = rate, record.seconds = elapsed(now);
    record.train_accuracy = result.counted ? double(result.correct) / double(result.counted) : 0;
    run_.history.push_back(record);
    if (epoch_ends && state_.epoch_counted > 0) {
      const double labels = divisor_of(state_.epoch_counted, state_.epoch_weight);
      state_.last_epoch_loss = labels > 0 ? state_.epoch_loss / labels : 0;
      state_.last_epoch_accuracy = double(state_.epoch_correct) / double(state_.epoch_counted);
    }
    tell(Event::iteration);
    const int every = o_.validation.every;
    if (t_.validates && (every ? state_.iteration % every == 0 || state_.iteration == total_ : epoch_ends)) validate();
    if (epoch_ends) tell(Event::epoch);

    const bool stopped = o_.stop && learner_->any(o_.stop->load(std::memory_order_relaxed));
    const Checkpoints& c = o_.checkpoints;
    const bool due = (epoch_ends && c.every_epochs && epoch() % c.every_epochs == 0) ||
                     (c.every_iterations && state_.iteration % c.every_iterations == 0);
    if ((due || stopped) && !checkpoint()) return;
    if (stopped && state_.iteration < total_) {
      run_.status = Status::interrupted;
      run_.why = sentence("stopped on request after iteration ", state_.iteration, " of ", total_,
                          c.path.empty() ? "" : "; resume goes on from " + c.path);
    }
  }

  /// What a sum over labels is divided by to be reported.
  double divisor_of(std::int64_t counted, double weight) const {
    return o_.loss.divides_by_weights() ? weight : double(counted);
  }

  /// Gradients of the loss over the images of one update, micro-batch by micro-batch.
  StepResult gradients(const std::int32_t* index, int count) {
    StepResult sum;
    const bool whole = count <= micro_, mean = o_.loss.reduction != Loss::Reduction::sum;
    for (int first = 0; first < count; first += micro_) {
      StepOptions step;
      // The mean over an update needs the number of labels of all its parts: their sums are divided at the end.
      step.loss_scale = whole && mean && o_.loss.scale == 1 ? 0 : 1;
      step.class_weights = o_.loss.weights();
      step.divide_by_weights = o_.loss.divides_by_weights();
      step.accumulate = first > 0;
      step.seed = mix(mix(t_.seed, dropout_stream), std::uint64_t(state_.iteration) * 65536 + std::uint64_t(first / micro_));
      const int n = count - first < micro_ ? count - first : micro_;
      const StepResult part = compute(index + first, n, step);
      sum.loss += part.loss, sum.weight += part.weight, sum.correct += part.correct, sum.counted += part.counted;
    }
    const double divisor = mean ? divisor_of(sum.counted, sum.weight) : 1, factor = divisor > 0 ? o_.loss.scale / divisor : 1;
    if (!(whole && mean && o_.loss.scale == 1) && factor != 1)
      learner_->scale_gradients(factor);
    return sum;
  }

  /// A step on samples of order_, beside which the samples that follow in it are made ready where the learner takes them ahead.
  StepResult compute(const std::int32_t* index, int count, const StepOptions& options) {
    if (staged_ != index) stage(index, count);
    staged_ = nullptr;
    learner_->launch(options);
    if (learner_->stages_ahead()) stage_behind(index + count);
    return learner_->finish();
  }
  void stage(const std::int32_t* index, int count) {
    const Batch batch = t_.batch(index, count);
    learner_->stage(batch.images, batch.labels);
    staged_ = index;
  }
  /// The micro-batch that starts at `index`, which is cut as gradients() and recompute_statistics() cut them.
  void stage_behind(const std::int32_t* index) {
    const long at = index - order_.data(), update = at / update_ * update_;
    const int count = least(micro_, int(used_ - at), int(update + update_ - at));
    if (at < used_) stage(index, count);
  }

  void validate() {
    const double started = clock_seconds();
    learner_->fetch();
    run_.validation = t_.validate();
    run_.validated = true;
    const double loss = run_.validation.loss, now = clock_seconds();
    const bool better = state_.validations == 0 || loss < state_.best_validation;
    state_.validations++;
    state_.validations_since_best = better ? 0 : state_.validations_since_best + 1;
    if (better) state_.best_validation = loss;
    state_.validation_seconds += now - started;
    run_.history.back().validation_loss = loss;
    run_.history.back().validation_accuracy = run_.validation.accuracy;
    run_.history.back().validation_mean_accuracy = run_.validation.confusion.mean_accuracy();
    run_.history.back().validation_mean_iou = run_.validation.confusion.mean_iou();
    run_.history.back().seconds = elapsed(now);
    tell(Event::validation);
  }

  /// False: the parameters are not finite, nothing was written and the run has failed.
  bool checkpoint() {
    if (o_.checkpoints.path.empty() || written_ == state_.iteration) return true;
    learner_->fetch();
    for (long i = 0; i < t_.parameter_floats; i++)
      if (!std::isfinite(t_.parameters[i])) return fail("a parameter became ", t_.parameters[i], state_.iteration), false;
    TrainingState state = state_;
    state.seconds = elapsed(clock_seconds());
    if (learner_->keeps_files()) write_checkpoint(o_.checkpoints.path, setup_, state, blocks(), run_.history);
    written_ = state_.iteration;
    tell(Event::checkpoint);
    return true;
  }

  /// The end of a training: its last checkpoint, then the statistics for inference, which no longer training needs.
  void finish() {
    if (!checkpoint()) return;
    learner_->fetch();
    const bool stale = !run_.validated || o_.statistics == Statistics::population;
    if (o_.statistics == Statistics::population) recompute_statistics();
    if (t_.validates && stale) {
      const double started = clock_seconds();
      run_.validation = t_.validate();
      run_.validated = true;
      state_.validation_seconds += clock_seconds() - started;
    }
  }

  /// running = mean over all batches of their statistics, weighted by size: each moves them by its share of the images
  /// seen so far.
  void recompute_statistics() {
    const double started = clock_seconds();
    const std::uint64_t own = mix(t_.seed, statistics_stream);
    shuffle_order(order_, t_.samples, own);
    used_ = t_.samples, update_ = micro_;
    staged_ = nullptr;
    t_.begin_epoch(order_.data(), t_.samples, own, learner_->changes_pictures());
    for (int first = 0; first < t_.samples; first += micro_) {
      const int n = t_.samples - first < micro_ ? t_.samples - first : micro_;
      StepOptions step;
      step.backward = false;
      step.momentum = double(n) / double(first + n);
      step.seed = mix(own, std::uint64_t(first));
      compute(order_.data() + first, n, step);
    }
    learner_->fetch();
    state_.train_seconds += clock_seconds() - started;
  }

  template <class Value>
  void fail(const char* what, const Value& value, long iteration) {
    run_.status = Status::failed;
    const bool kept = written_ > 0;
    run_.why = sentence(what, value, " at iteration ", iteration, " of ", total_, " (epoch ",
                        (iteration - 1) / per_epoch_ + 1, "); take a lower learning rate, a warm-up or clip the gradients",
                        kept ? sentence("; the checkpoint of iteration ", written_, " is kept in ", o_.checkpoints.path) : "");
  }

  double elapsed(double now) const { return state_.seconds + now - begin_; }
  void measure() {
    run_.epochs = int((state_.iteration + per_epoch_ - 1) / per_epoch_);
    run_.iterations = state_.iteration, run_.images = state_.images;
    run_.seconds = elapsed(clock_seconds());
    run_.train_seconds = state_.train_seconds, run_.validation_seconds = state_.validation_seconds;
    run_.train_loss = state_.last_epoch_loss, run_.train_accuracy = state_.last_epoch_accuracy;
  }
  void tell(Event event) {
    if (!o_.observer.call) return;
    measure();
    const Record* newest = run_.history.empty() ? nullptr : &run_.history.back();
    o_.observer.call(o_.observer.host, {event, run_, newest, o_.epochs, total_, per_epoch_});
  }

  Trainee& t_;
  const TrainOptions& o_;
  int micro_;
  long per_epoch_, total_;
  std::unique_ptr<Learner> learner_;
  TrainingSetup setup_{};
  TrainingState state_{};
  std::int64_t written_ = 0;  ///< iteration of the newest checkpoint of this training
  std::vector<std::int32_t> order_;
  long used_ = 0, update_ = 1;              ///< samples of order_ in this epoch, and in one update
  const std::int32_t* staged_ = nullptr;  ///< samples that the learner holds already
  Run run_;
  double begin_ = 0;
};

}  // namespace strata::detail

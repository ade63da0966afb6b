// SPDX-License-Identifier: MIT
// The training loop, without templates: it accesses a model and its data through Trainee.
#pragma once

#include <algorithm>
#include <cmath>
#include <memory>
#include <new>
#include <string>
#include <utility>
#include <vector>

#include <strata/core/clock.hpp>
#include <strata/core/compile_once.hpp>
#include <strata/core/divide.hpp>
#include <strata/core/finite.hpp>
#include <strata/core/samples/batch.hpp>
#include <strata/core/threads/background.hpp>
#include <strata/train/check_options.hpp>
#include <strata/train/checkpoint.hpp>
#include <strata/train/heads.hpp>
#include <strata/train/learner.hpp>
#include <strata/train/loss_fit.hpp>
#include <strata/train/options.hpp>
#include <strata/train/order.hpp>
#include <strata/train/survey.hpp>
#include <strata/train/training_conditions.hpp>

namespace strata::training::detail {

/// The interface to a model and its data that the loop needs.
class Trainee {
 public:
  const graph::Tensor* table = nullptr;  ///< of the parameters
  int tensors = 0;
  GroupedTables named{};  ///< the same and the buffers, with their names
  long parameter_floats = 0, buffer_floats = 0;
  float *parameters = nullptr, *buffers = nullptr;
  struct {
    std::uint64_t training = 0, structural = 0, first_version = 0;
  } hashes;                                      ///< of the network (graph/hash.hpp)
  std::vector<std::pair<long, long>> variances;  ///< [first, end) of the buffers that are never negative
  std::uint64_t seed = 0;
  int samples = 0, classes = 0;
  core::HeadKind head{};           ///< what the network, or its first head, ends in
  std::vector<TrainedHead> heads;  ///< all of them
  std::vector<long> source_sizes;  ///< numbers of an image, by source
  bool validates = false;
  unsigned float_targets = 0;  ///< bit h: whether the training set has floats for head h; known after survey()

  virtual ~Trainee() = default;
  virtual std::unique_ptr<Learner> learner(const Lesson& lesson) = 0;
  /// Checks the model, and all samples that are in memory or that fit_input() needs. Throws Error; changes nothing.
  virtual void survey(bool resumes) = 0;
  virtual void fit_input() = 0;     ///< sets the input normalization, after survey()
  virtual void fill_outside() = 0;  ///< tells the training set the bytes that the model's input currently maps to 0
  virtual core::Conditions conditions() = 0;  ///< of the build, the back end and the data
  virtual void begin_epoch(const std::int32_t* order, int count, std::uint64_t seed_of_epoch,
                           bool learner_transforms) = 0;
  /// Checked; valid until the next call. byte_labels: the learner takes them as bytes.
  virtual Batch batch(const std::int32_t* index, int count, bool byte_labels) = 0;
  virtual metrics::Evaluation validate() = 0;
};

/// Trains. Throws Error if options, data or files are invalid.
STRATA_ONCE Run run_training(Trainee& trainee, const TrainOptions& options);

#if STRATA_HAS_BODIES

class TrainingLoop {
 public:
  TrainingLoop(Trainee& trainee, const TrainOptions& options)
      : t_((check_options(options, trainee.samples, trainee.validates), trainee)),
        o_(options),
        heads_(losses_of_heads(options, trainee)),
        term_(heads_.empty() ? fitting_term(options.loss, trainee.head, trainee.classes, "train") : core::LossTerm{}),
        grouping_(grouping_of(options.groups, trainee.named, "train")),
        micro_(least(o_.micro_batch ? o_.micro_batch : o_.batch, o_.batch, t_.samples)),
        per_epoch_(o_.partial == Partial::drop ? t_.samples / o_.batch
                                               : core::ceil_divide(long(t_.samples), long(o_.batch))),
        total_(long(o_.epochs) * per_epoch_),
        average_{.how = o_.average, .per_epoch = per_epoch_} {
    kept_.by = o_.keep;
    check_average();
    run_.measures_values = measures_values(heads_.empty() ? term_ : heads_.term(0));
    if (!heads_.empty())
      for (const TrainedHead& head : t_.heads) run_.heads.push_back(head.name);
  }

  Run run() {
    begin_ = core::clock_seconds();
    const bool resumes = needs_checkpoint(o_.checkpoints.resume) ||
                         (o_.checkpoints.resume == Resume::if_present && core::file_exists(o_.checkpoints.path));
    t_.survey(resumes);
    const bool in_parts = micro_ < o_.batch && micro_ < t_.samples;
    try {
      if (averages()) {
        average_.parameters.resize(std::size_t(t_.parameter_floats));
        average_.buffers.resize(std::size_t(t_.buffer_floats));
      }
      learner_ = t_.learner({t_.table, t_.tensors, t_.parameter_floats, t_.buffer_floats, t_.parameters, t_.buffers,
                             micro_, o_.optimizer, o_.clip, in_parts, grouping_, step_sizes(),
                             heads_.empty() ? std::vector{term_} : heads_.all_terms(), t_.float_targets,
                             averages() ? average_.parameters.data() : nullptr,
                             averages() ? average_.buffers.data() : nullptr});
    } catch (const std::bad_alloc&) {
      throw Error("train: there is not enough memory for ", micro_,
                  " images at once; give a smaller batch, or a smaller micro_batch, which accumulates gradients");
    }
    setup();
    if (resumes) resume();
    else t_.fit_input();
    t_.fill_outside();
    if (state_.iteration > total_) return nothing_to_do();
    learner_->put();
    launched_ = state_.iteration;
    tell(Event::start);
    if (state_.iteration < total_ && state_.iteration % per_epoch_ != 0) begin_epoch();
    while (run_.status == Status::complete && state_.iteration < total_ && !out_of_patience()) iterate();
    if (out_of_patience() && run_.status == Status::complete && state_.iteration < total_) {
      run_.status = Status::early;
      run_.why = core::sentence("the validation ", o_.validation.measure(), " did not improve on its best ",
                                o_.validation.patience, " times in a row");
    }
    if (run_.status == Status::complete || run_.status == Status::early) finish();
    else learner_->fetch();
    if (run_.status == Status::failed && take_kept())
      run_.why +=
          core::sentence("; the model is from iteration ", run_.kept_iteration, ", whose validation was the best");
    measure();
    tell(Event::end);
    return std::move(run_);
  }

 private:
  static HeadLosses losses_of_heads(const TrainOptions& options, const Trainee& trainee) {
    const std::size_t heads = trainee.heads.size();
    if (heads < 2 && !options.losses.empty())
      throw Error("train: losses are for networks with several heads, but this one has one output; give its loss");
    if (heads < 2) return {};
    if (options.loss.family || !options.loss.class_weights.empty() || options.loss.scale != 1)
      throw Error("train: loss is for networks with one output, but this one has ", heads,
                  " heads; give losses, one for each");
    return {options.losses, trainee.heads, "train"};
  }

  enum Stream : std::uint64_t { order_stream = 1, dropout_stream, statistics_stream };

  static int least(int a, int b, int c) { return a < b ? (a < c ? a : c) : (b < c ? b : c); }
  long epoch() const { return state_.iteration / per_epoch_; }
  /// The numbers of images of all steps, cut as in gradients() and recompute_statistics(), each once.
  std::vector<int> step_sizes() const {
    std::vector<int> sizes{micro_};
    const auto add_update = [&](long images) {
      if (const int last = int(images % micro_); last && std::find(sizes.begin(), sizes.end(), last) == sizes.end())
        sizes.push_back(last);
    };
    if (o_.batch <= t_.samples) add_update(o_.batch);
    if (o_.partial == Partial::keep) add_update(t_.samples % o_.batch);
    if (o_.statistics == Statistics::population) add_update(t_.samples);
    return sizes;
  }
  bool out_of_patience() const {
    return o_.validation.patience > 0 && state_.validations_since_best >= o_.validation.patience;
  }

  /// Does nothing without checkpoints, which saves a pass over the data.
  [[gnu::cold]] void setup() {
    if (o_.checkpoints.path.empty()) return;
    setup_.network = t_.hashes.training, setup_.structural = t_.hashes.structural,
    setup_.first_version = t_.hashes.first_version;
    setup_.parameters = t_.parameter_floats, setup_.buffers = t_.buffer_floats, setup_.slots = o_.optimizer.slots;
    setup_.variances = t_.variances, setup_.squares = o_.optimizer.squares;
    setup_.heads = run_.heads.size();
    setup_.epochs = o_.epochs, setup_.updates = total_;
    setup_.learning_rate = [this](long iteration, long epochs) {
      return o_.optimizer.rate.at({iteration, per_epoch_, int(epochs)});
    };
    if (o_.plateau) setup_.least_rate = o_.plateau->least;
    setup_.anyway = o_.checkpoints.anyway;
    setup_.conditions = o_.checkpoints.conditions;
    setup_.conditions.add("seed", t_.seed);
    setup_.conditions.add("devices", learner_->devices());
    setup_.conditions.add("",
                          t_.conditions());  // before the options, some of which follow from the data: class weights
    setup_.conditions.add("", conditions_of(o_, micro_));
    run_.conditions = setup_.conditions;
  }
  TrainingBlocks blocks() {
    return {t_.parameters, t_.buffers, learner_->state().data(), &kept_, &average_, &plateau_};
  }

  [[gnu::cold]] void resume() {
    const Resumed before = read_checkpoint(o_.checkpoints.path, setup_, state_, blocks(), run_.history,
                                           o_.checkpoints.resume == Resume::anyway);
    setup_.since = before.since, setup_.deviations = run_.deviations = before.deviations;
    learner_->restore({long(state_.optimizer_step), state_.optimizer_rate, state_.loss_factor, long(state_.in_range)});
    if (averages() && !before.has_average)  // which the file has from its first model on
      average_.restart(average_.count(state_.iteration) > 0 ? state_.iteration : 0);
    written_ = state_.iteration;
  }

  void begin_epoch() {
    staging_.wait();
    const std::uint64_t epoch_seed = core::mix(core::mix(t_.seed, order_stream), std::uint64_t(epoch()));
    if (o_.shuffle == Shuffle::never) {
      order_.resize(std::size_t(t_.samples));
      for (int i = 0; i < t_.samples; i++) order_[std::size_t(i)] = i;
    } else {
      shuffle_order(order_, t_.samples, o_.shuffle == Shuffle::once ? core::mix(t_.seed, order_stream) : epoch_seed);
    }
    used_ = o_.partial == Partial::drop ? per_epoch_ * o_.batch : t_.samples;
    update_ = o_.batch;
    announce(epoch_seed);
  }

  /// Whether the update of position `at` of order_ is read as a whole, and cut afterwards: gradients_of_heads().
  bool cuts_update(long at) const {
    const long left = used_ - at / update_ * update_;
    return !heads_.empty() && (left < update_ ? left : update_) > micro_;
  }

  /// Announces the samples of order_ that this process computes.
  void announce(std::uint64_t seed) {
    staged_ = nullptr;
    own_order_.clear();
    for (long at = 0, n = 0; at < used_; at += n) {
      n = micro_batch_at(at);
      const Share share = cuts_update(at) ? Share{0, int(n)} : learner_->share(int(n));
      const auto first = order_.begin() + at + share.first;
      own_order_.insert(own_order_.end(), first, first + share.count);
    }
    t_.begin_epoch(own_order_.data(), int(own_order_.size()), seed, learner_->transforms_images());
  }

  /// One update, then the validation and the checkpoint that are due. A learner that runs ahead is given the update
  /// before the one before is recorded, so that it need not wait for the host.
  void iterate() {
    lap_ = core::clock_seconds();
    if (launched_ % per_epoch_ == 0) {
      begin_epoch();
      state_.epoch_loss = state_.epoch_weight = 0, state_.epoch_correct = state_.epoch_counted = 0;
    }
    const long first = launched_ % per_epoch_ * o_.batch;
    const Update update{int(t_.samples - first < o_.batch ? t_.samples - first : o_.batch), rate_at(launched_)};
    if (runs_ahead(update)) {
      launch(order_.data() + first, update);
      launched_++;
      average();
      lap();
      if (launched_ - state_.iteration > 1) record_oldest();
      while (run_.status == Status::complete && state_.iteration < launched_ && (stopping_ || is_due(launched_)))
        record_oldest();
    } else {
      while (run_.status == Status::complete && state_.iteration < launched_) record_oldest();
      if (run_.status != Status::complete) return;
      const core::StepResult result = gradients(order_.data() + first, update.count);
      if (!check(result, update)) return;
      record(result, update, result.counted > 0 ? learner_->update(update.rate) : Updated::yes);
      launched_++;
      if (run_.status == Status::complete) average();
    }
    if (run_.status == Status::complete && state_.iteration == launched_) do_what_is_due();
  }

  struct Update {
    int count = 0;  ///< of images
    double rate = 0;
  };

  bool runs_ahead(const Update& update) const {
    return learner_->runs_ahead() && heads_.empty() && update.count <= micro_ && core::is_finite(update.rate) &&
           update.rate >= 0;
  }

  /// Launches an update whose images are one micro-batch.
  void launch(const std::int32_t* index, const Update& update) {
    core::StepOptions step = step_options(launched_, 0);
    step.loss_scale = o_.loss.divides_by_labels() ? 0 : 1 / divisor_of(0, 0, update.count);
    prepare(index, update.count);
    learner_->launch_update(step, o_.loss.scale, update.rate, o_.stop && o_.stop->load(std::memory_order_relaxed));
    stage_from(index + update.count);
    updates_[launched_ % 2] = update;
  }

  /// Records the oldest update that is launched and not recorded.
  void record_oldest() {
    const Update update = updates_[state_.iteration % 2];
    const StepAndUpdate done = learner_->finish_update();
    stopping_ = stopping_ || (o_.stop && done.stops);
    if (check(done.result, update)) record(done.result, update, done.updated);
  }

  /// Fails where the loss or the rate of the next recorded update is not valid.
  bool check(const core::StepResult& result, const Update& update) {
    const double loss = loss_of(result, update.count);
    if (!core::is_finite(loss)) diverge("the loss became ", core::not_finite_name(loss), state_.iteration + 1);
    else if (!core::is_finite(update.rate) || update.rate < 0)
      fail(core::sentence("the learning rate became ", update.rate, where(state_.iteration + 1),
                          "; give a schedule whose rates are finite and 0 or more"));
    return run_.status == Status::complete;
  }

  void record(const core::StepResult& result, const Update& update, Updated updated) {
    if (updated == Updated::no)
      return diverge("the norm of the gradients became NaN or infinite", "", state_.iteration + 1);
    const Standing standing = learner_->standing();
    state_.optimizer_step = standing.steps, state_.optimizer_rate = standing.rate;
    state_.loss_factor = standing.loss_factor, state_.in_range = standing.in_range;
    state_.iteration++;
    state_.epoch_loss += result.loss, state_.epoch_weight += result.weight;
    state_.epoch_correct += result.correct, state_.epoch_counted += result.counted;
    state_.images += update.count;
    const bool epoch_ends = state_.iteration % per_epoch_ == 0;
    lap();

    Record record;
    record.epoch = int((state_.iteration - 1) / per_epoch_ + 1), record.iteration = state_.iteration;
    record.loss = loss_of(result, update.count), record.rate = update.rate, record.seconds = elapsed(lap_);
    record.train_accuracy = result.counted ? double(result.correct) / double(result.counted) : 0;
    record.heads = of_heads_;
    if (o_.plateau) record.plateau_factor = plateau_.factor;
    run_.history.push_back(std::move(record));
    if (epoch_ends && state_.epoch_counted > 0) {
      const double divisor = report_divisor(state_.epoch_counted, state_.epoch_weight, used_);
      state_.last_epoch_loss = divisor > 0 ? state_.epoch_loss / divisor : 0;
      state_.last_epoch_accuracy = double(state_.epoch_correct) / double(state_.epoch_counted);
    }
    tell(Event::iteration);
    lap_ = core::clock_seconds();
    if (epoch_ends && epoch() == 1 && (state_.epoch_counted == 0 || state_.epoch_weight == 0))
      fail(nothing_counts(state_.epoch_counted, "the first epoch"));
  }

  /// Adds the time since the last call to the training's.
  void lap() {
    const double now = core::clock_seconds();
    state_.train_seconds += now - lap_;
    lap_ = now;
  }

  bool ends_epoch(long iteration) const { return iteration % per_epoch_ == 0; }
  bool validates_after(long iteration) const {
    const int every = o_.validation.every;
    return t_.validates && (every ? iteration % every == 0 || iteration == total_ : ends_epoch(iteration));
  }
  bool keeps_checkpoint_of(long iteration) const {
    const Checkpoints& c = o_.checkpoints;
    return (ends_epoch(iteration) && c.every_epochs && iteration / per_epoch_ % c.every_epochs == 0) ||
           (c.every_iterations && iteration % c.every_iterations == 0);
  }
  /// Whether something is to be done after this update that needs it recorded, and none after it launched.
  bool is_due(long iteration) const {
    return iteration == total_ || ends_epoch(iteration) || validates_after(iteration) || keeps_checkpoint_of(iteration);
  }

  void do_what_is_due() {
    if (validates_after(state_.iteration)) validate();
    if (ends_epoch(state_.iteration)) tell(Event::epoch);
    const bool stopped = stopping_ || (o_.stop && learner_->any(o_.stop->load(std::memory_order_relaxed)));
    if ((stopped || keeps_checkpoint_of(state_.iteration)) && !checkpoint()) return;
    if (stopped && state_.iteration < total_) {
      run_.status = Status::interrupted;
      run_.why = core::sentence("stopped on request after iteration ", state_.iteration, " of ", total_,
                                o_.checkpoints.path.empty() ? "" : "; resume continues from " + o_.checkpoints.path);
    }
  }

  /// What the loss sum of so many labels or values, of this weight, on so many images is divided by.
  double divisor_of(std::int64_t counted, double weight, long images) const {
    switch (o_.loss.reduction) {
      case Loss::Reduction::mean: return double(counted);
      case Loss::Reduction::weighted_mean: return weight;
      case Loss::Reduction::per_image: return double(images);
      case Loss::Reduction::sum: break;
    }
    return 1;
  }
  /// The same for reports, where a sum is divided by the number of labels.
  double report_divisor(std::int64_t counted, double weight, long images) const {
    if (!heads_.empty()) return double(images);
    return o_.loss.reduction == Loss::Reduction::sum ? double(counted) : divisor_of(counted, weight, images);
  }

  double loss_of(const core::StepResult& result, long images) const {
    const double divisor = report_divisor(result.counted, result.weight, images);
    return divisor > 0 ? result.loss / divisor : 0;
  }

  /// What the micro-batches of an update have in common.
  core::StepOptions step_options(long iteration, int part) const {
    core::StepOptions step;
    step.class_weights = o_.loss.weights();
    if (term_.function) step.losses = {&term_, 1};
    step.divide_by_weights = o_.loss.divides_by_weights();
    step.seed = core::mix(core::mix(t_.seed, dropout_stream), std::uint64_t(iteration) * 65536 + std::uint64_t(part));
    return step;
  }

  /// Computes the gradients of the loss over the images of one update, one micro-batch at a time.
  core::StepResult gradients(const std::int32_t* index, int count) {
    if (!heads_.empty() && count > micro_) return gradients_of_heads(index, count);
    if (!heads_.empty()) {
      core::StepOptions step = step_options(launched_, 0);
      step.losses = heads_.terms(count), step.more = more_;
      return joined(compute(index, count, step), more_, count);
    }
    core::StepResult sum;
    const bool whole = count <= micro_, by_labels = o_.loss.divides_by_labels();
    for (int first = 0, n = 0; first < count; first += n) {
      core::StepOptions step = step_options(launched_, first / micro_);
      // The mean over an update needs the number of labels of all its parts, so sums are divided at the end.
      step.loss_scale = whole && by_labels && o_.loss.scale == 1 ? 0 : 1;
      step.accumulate = first > 0;
      n = count - first < micro_ ? count - first : micro_;
      sum += compute(index + first, n, step);
    }
    const double divisor = divisor_of(sum.counted, sum.weight, count),
                 factor = divisor > 0 ? o_.loss.scale / divisor : 1;
    if (!(whole && by_labels && o_.loss.scale == 1) && factor != 1) learner_->scale_gradients(factor);
    return sum;
  }

  /// The same for several heads in micro-batches. The gradients of their losses are added, so that what each loss is
  /// divided by must be known before: the batch of the whole update is read, and given to the learner in parts.
  core::StepResult gradients_of_heads(const std::int32_t* index, int count) {
    staging_.wait();
    staged_ = nullptr;
    const Batch update = t_.batch(index, count, false);
    const std::span<const core::LossTerm> terms = heads_.terms_of_parts(update.labels, count);
    const std::vector<Shape> outputs = heads_.outputs();
    core::StepResult first_head, others[graph::max_ports - 1]{};
    for (int first = 0, n = 0; first < count; first += n) {
      n = count - first < micro_ ? count - first : micro_;
      const core::PartOfImages images(update.images, first, n, t_.source_sizes);
      const core::PartOfLabels labels(update.labels, first, outputs);
      core::StepOptions step = step_options(launched_, first / micro_);
      step.losses = terms, step.more = more_, step.accumulate = first > 0;
      learner_->stage(images.images(), labels.labels());
      learner_->launch(step);
      first_head += learner_->finish();
      for (int h = 1; h < heads_.count(); h++) others[h - 1] += more_[h - 1];
    }
    return joined(first_head, others, count);
  }
  /// One result for all heads, whose own are kept for the record.
  core::StepResult joined(const core::StepResult& first_head, const core::StepResult* others, int count) {
    of_heads_.clear();
    for (int h = 0; h < heads_.count(); h++) {
      const core::StepResult& sums = h == 0 ? first_head : others[h - 1];
      HeadOfRecord& own = of_heads_.emplace_back();
      own.loss = heads_.loss_of(h, sums, count);
      if (!measures_values(heads_.term(h)))
        own.train_accuracy = sums.counted ? double(sums.correct) / double(sums.counted) : 0;
    }
    return heads_.joined(first_head, others, count);
  }

  /// A step on samples of order_. If the learner stages ahead, the samples that follow are staged during the step.
  core::StepResult compute(const std::int32_t* index, int count, const core::StepOptions& options) {
    prepare(index, count);
    learner_->launch(options);
    stage_from(index + count);
    return learner_->finish();
  }
  /// Makes sure that these samples are staged.
  void prepare(const std::int32_t* index, int count) {
    staging_.wait();
    if (staged_ != index) stage(index, count);
    staged_ = nullptr;
  }
  void stage(const std::int32_t* index, int count) {
    const Share share = learner_->share(count);
    const Batch batch = t_.batch(index + share.first, share.count, learner_->takes_byte_labels());
    learner_->stage_share(batch.images, batch.labels, count);
  }
  /// Stages the micro-batch that starts at `index` in the background, if the learner takes it ahead.
  void stage_from(const std::int32_t* index) {
    if (!learner_->stages_ahead() || index - order_.data() >= used_ || recomputes_after(launched_ + 1)) return;
    staged_ = index;
    staging_.start(
        [](void* self) {
          TrainingLoop& loop = *static_cast<TrainingLoop*>(self);
          loop.stage(loop.staged_, loop.micro_batch_at(loop.staged_ - loop.order_.data()));
        },
        this, {"which prepares batches", "end other programs"});
  }
  /// The number of images of the micro-batch that starts at position `at` of order_, cut as in gradients() and
  /// recompute_statistics().
  int micro_batch_at(long at) const {
    const long update = at / update_ * update_;
    return least(micro_, int(used_ - at), int(update + update_ - at));
  }

  void validate() {
    const double started = core::clock_seconds();
    staging_.wait();
    learner_->fetch();
    ShownAverage shown(average_, state_.iteration, t_.parameters, t_.buffers);
    const bool recomputed = recomputes_after(state_.iteration);
    if (recomputed) learner_->put(), recompute_statistics();
    const double began = recomputed ? core::clock_seconds() : started;
    run_.validation = t_.validate();
    run_.validated = true;
    const double now = core::clock_seconds();
    state_.validation_seconds += now - began;
    record_quality(run_.history.back(), run_.validation);
    run_.history.back().seconds = elapsed(now);
    if (run_.validation.counted > 0) judge(run_.history.back());  // otherwise its numbers are meaningless
    follow_plateau();
    keep_better();
    tell(Event::validation);
    shown.hide();
    if (recomputed) learner_->put();
    if (recomputed && state_.iteration < total_ && !ends_epoch(state_.iteration)) begin_epoch();
  }

  bool averages() const { return o_.average.kind != Average::Kind::none; }
  /// Whether the average has statistics of batch norms that are computed for it.
  bool recomputes_average() const {
    return o_.average.kind == Average::Kind::equal && o_.statistics == Statistics::population;
  }
  /// Whether its validation after this update computes them: a pass over the training set, before which no batch waits.
  bool recomputes_after(long iteration) const {
    return recomputes_average() && validates_after(iteration) && average_.count(iteration) > 0;
  }
  [[gnu::cold]] void check_average() const {
    if (!averages()) return;
    if (average_.count(total_) == 0)
      throw Error("train: average.every = ", o_.average.every, ", but from epoch ", o_.average.from_epoch,
                  " on there are only ", total_ - (o_.average.from_epoch - 1) * per_epoch_,
                  " updates, so no model would count; give a smaller number");
    if (o_.average.kind == Average::Kind::equal && o_.statistics != Statistics::population && !t_.variances.empty())
      throw Error(
          "train: the moving statistics of batch norm do not fit an equal average of models; "
          "give statistics = Statistics::population, or an ExponentialAverage");
  }
  /// Adds the model after the last launched update to the average, if it counts.
  void average() {
    if (const double weight = average_.weight(launched_); weight > 0) learner_->average(weight);
  }
  /// Replaces the model on the host by the average. Returns false if there is none yet.
  bool take_average() {
    run_.averaged = average_.count(state_.iteration);
    if (run_.averaged > 0) average_.exchange(t_.parameters, t_.buffers);
    return run_.averaged > 0;
  }

  /// Counts the validations without improvement, for patience.
  void judge(const Record& newest) {
    const double value = number_of(o_.validation.measure(), newest).value_or(not_measured_value);
    const bool better = core::is_finite(value) &&
                        (state_.validations == 0 ||
                         is_better(better_of(o_.validation.measure(), o_.metrics), value, state_.best_validation));
    state_.validations += core::is_finite(value);
    state_.validations_since_best = better ? 0 : state_.validations_since_best + 1;
    if (better) state_.best_validation = value;
  }

  /// Reduces the rate if the last validation completed a plateau. Among several processes, the one that writes the
  /// checkpoints decides.
  void follow_plateau() {
    if (!o_.plateau) return;
    const Record& newest = run_.history.back();
    const double value = run_.validation.counted > 0 ? number_of(o_.plateau->by, newest).value_or(not_measured_value)
                                                     : not_measured_value;
    const bool due = add_validation(plateau_, *o_.plateau, better_of(o_.plateau->by, o_.metrics), value);
    if (learner_->any(learner_->keeps_files() && due)) reduce(plateau_, *o_.plateau);
  }
  /// The learning rate of an update.
  double rate_at(long iteration) const {
    const double rate = o_.optimizer.rate.at({iteration, per_epoch_, o_.epochs});
    return o_.plateau ? reduced_rate(rate, plateau_.factor, o_.plateau->least) : rate;
  }

  /// Keeps the model, which was just fetched and validated, if it is the best so far. Among several processes, the one
  /// that writes the checkpoints decides.
  void keep_better() {
    if (o_.keep == Keep::last) return;
    const Record& newest = run_.history.back();
    const bool better =
        run_.validation.counted > 0 &&
        (kept_.iteration ? is_better(o_.keep, newest, run_.history[std::size_t(kept_.iteration - 1)], o_.metrics)
                         : has_measure(o_.keep, newest)) &&
        core::first_not_finite(t_.parameters, t_.parameter_floats) < 0 &&
        core::first_not_finite(t_.buffers, t_.buffer_floats) < 0;
    if (!learner_->any(learner_->keeps_files() && better)) return;
    kept_.iteration = state_.iteration;
    kept_.parameters.assign(t_.parameters, t_.parameters + t_.parameter_floats);
    kept_.buffers.assign(t_.buffers, t_.buffers + t_.buffer_floats);
    kept_.evaluation = run_.validation;
  }

  /// Replaces the model on the host by the best one. Returns false if none is kept.
  bool take_kept() {
    if (kept_.iteration == 0) return false;
    std::copy(kept_.parameters.begin(), kept_.parameters.end(), t_.parameters);
    std::copy(kept_.buffers.begin(), kept_.buffers.end(), t_.buffers);
    run_.kept_iteration = long(kept_.iteration), run_.kept_by = o_.keep;
    run_.averaged = average_.count(run_.kept_iteration);
    run_.validation = kept_.evaluation, run_.validated = kept_.evaluation.counted > 0;
    return true;
  }

  /// Fetches the model and the optimizer's state. Returns false, and the run fails, if they are not finite.
  bool holds_numbers() {
    learner_->fetch();
    const auto refuse = [this](const char* what, float value) {
      diverge(what, core::not_finite_name(double(value)), state_.iteration);
      return false;
    };
    if (const long at = core::first_not_finite(t_.parameters, t_.parameter_floats); at >= 0)
      return refuse("a parameter became ", t_.parameters[at]);
    if (const long at = core::first_not_finite(t_.buffers, t_.buffer_floats); at >= 0)
      return refuse("a running statistic became ", t_.buffers[at]);
    for (const core::Floats* part : {&average_.parameters, &average_.buffers})
      if (const long at = core::first_not_finite(part->data(), long(part->size())); at >= 0)
        return refuse("a number of the average became ", (*part)[std::size_t(at)]);
    const core::Floats& slots = learner_->state();
    if (const long at = core::first_not_finite(slots.data(), t_.parameter_floats * o_.optimizer.slots); at >= 0)
      return refuse("a number of the optimizer's state became ", slots[std::size_t(at)]);
    return true;
  }

  /// Writes a checkpoint, unless this iteration has one. Returns false, and the run fails, if the model is not finite.
  bool checkpoint() {
    if (o_.checkpoints.path.empty() || written_ == state_.iteration) return true;
    if (!holds_numbers()) return false;
    TrainingState state = state_;
    state.seconds = elapsed(core::clock_seconds());
    if (learner_->keeps_files()) write_checkpoint(o_.checkpoints.path, setup_, state, blocks(), run_.history);
    written_ = state_.iteration;
    tell(Event::checkpoint);
    return true;
  }

  Run nothing_to_do() {
    run_.nothing_to_do = true;
    if (!take_kept() && take_average() && recomputes_average()) learner_->put(), recompute_statistics();
    run_.why = core::sentence("there is nothing to do: ", o_.checkpoints.path, " is from iteration ", state_.iteration,
                              ", and ", o_.epochs, o_.epochs == 1 ? " epoch has " : " epochs have ", total_,
                              "; ask for more epochs to continue");
    measure();
    return std::move(run_);
  }

  /// Ends the training: writes the last checkpoint, then takes the kept model and computes the statistics for
  /// inference, neither of which a resumed training needs.
  void finish() {
    if (!checkpoint() || !holds_numbers()) return;
    const bool population = o_.statistics == Statistics::population;
    if ((take_kept() || take_average()) && population) learner_->put();
    const bool stale = !run_.validated || population;
    if (population) recompute_statistics();
    if (t_.validates && stale) {
      const double started = core::clock_seconds();
      run_.validation = t_.validate();
      run_.validated = true;
      state_.validation_seconds += core::clock_seconds() - started;
    }
  }

  /// running = mean of the statistics of all batches, weighted by size: each batch moves it by its share of the images
  /// seen so far.
  void recompute_statistics() {
    const double started = core::clock_seconds();
    const std::uint64_t own = core::mix(t_.seed, statistics_stream);
    staging_.wait();
    shuffle_order(order_, t_.samples, own);
    used_ = t_.samples, update_ = micro_;
    announce(own);
    for (int first = 0, n = 0; first < t_.samples; first += n) {
      n = t_.samples - first < micro_ ? t_.samples - first : micro_;
      core::StepOptions step;
      step.backward = false;
      step.momentum = double(n) / (double(first) + n);
      step.seed = core::mix(own, std::uint64_t(first));
      compute(order_.data() + first, n, step);
    }
    learner_->fetch();
    state_.train_seconds += core::clock_seconds() - started;
  }

  [[gnu::cold]] void fail(const std::string& why) {
    run_.status = Status::failed;
    run_.why = why;
    if (written_ > 0)
      run_.why += core::sentence("; the checkpoint of iteration ", written_, " is kept in ", o_.checkpoints.path);
  }
  /// Fails; before the first update, the advice is not about the learning rate.
  [[gnu::cold]] void diverge(const char* what, const char* value, long iteration) {
    fail(core::sentence(
        what, value, where(iteration),
        state_.iteration == 0
            ? "; no update was made yet: scale the values of the images, or the initial values of the model"
            : "; use a lower learning rate or a warm-up, or clip the gradients"));
  }
  std::string where(long iteration) const {
    return core::sentence(" at iteration ", iteration, " of ", total_, " (epoch ", (iteration - 1) / per_epoch_ + 1,
                          ")");
  }

  double elapsed(double now) const { return state_.seconds + now - begin_; }
  void measure() {
    run_.epochs = int(core::ceil_divide(state_.iteration, per_epoch_));
    run_.iterations = state_.iteration, run_.images = state_.images;
    run_.seconds = elapsed(core::clock_seconds());
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
  HeadLosses heads_;  ///< of several; empty: of one, whose term is term_
  core::LossTerm term_;
  core::StepResult more_[graph::max_ports - 1]{};  ///< of the last step: the sums of heads 1, 2, ...
  std::vector<HeadOfRecord> of_heads_;             ///< of the last update
  Grouping grouping_;
  int micro_;
  long per_epoch_, total_;
  std::unique_ptr<Learner> learner_;
  TrainingSetup setup_{};
  TrainingState state_{};
  KeptModel kept_{};
  AveragedModel average_{};
  PlateauState plateau_{};
  std::int64_t written_ = 0;  ///< iteration of the newest checkpoint of this training
  std::vector<std::int32_t> order_;
  std::vector<std::int32_t> own_order_;   ///< those of order_ that this process computes
  long used_ = 0, update_ = 1;            ///< samples of order_ per epoch, and per update
  const std::int32_t* staged_ = nullptr;  ///< samples that the learner already holds, or is being given
  long launched_ = 0;                     ///< updates; one more than those recorded while the learner runs ahead
  Update updates_[2];                     ///< launched, and not yet recorded, by iteration
  bool stopping_ = false;                 ///< whether a launched update asked for it
  double lap_ = 0;                        ///< when train_seconds was last added to
  Run run_;
  double begin_ = 0;
  core::Background staging_;  ///< stages the next batch; last, so that it ends before what it uses
};

STRATA_ONCE Run run_training(Trainee& trainee, const TrainOptions& options) {
  return TrainingLoop(trainee, options).run();
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training::detail

// SPDX-License-Identifier: MIT
// The interface between the training loop and a back end: a Learner holds the parameters, gradients and optimizer state
// of a training and changes them. HostLearner works on the model's own arrays, on the host.
#pragma once

#include <strata/core/samples/views.hpp>
#include <strata/train/average.hpp>
#include <strata/train/groups.hpp>
#include <strata/train/updater.hpp>

#include <memory>
#include <vector>

namespace strata::training {

/// What a learner is constructed from. The arrays belong to the model and outlive the learner.
struct Lesson {
  const graph::Tensor* table = nullptr;  ///< of the parameters
  int tensors = 0;
  long parameter_floats = 0, buffer_floats = 0;
  float *parameters = nullptr, *buffers = nullptr;
  int images = 0;  ///< the largest batch of a step
  Optimizer optimizer;
  Clip clip{};
  bool accumulates = false;  ///< whether a step may add to the gradients of the previous one
  Grouping grouping{};       ///< rates in addition to the table's, and the statistics that every step keeps
  std::vector<int> sizes{};  ///< the numbers of images of steps, where known: what they need is made beforehand
  std::vector<core::LossTerm> losses{};  ///< of all steps, by head; what they point to outlives the learner
  unsigned float_targets = 0;            ///< bit h: whether head h is given Labels::floats
  float *average_parameters = nullptr, *average_buffers = nullptr;  ///< the average of models; null: there is none

  /// Throws Error if there is no average.
  void require_average() const {
    if (!average_parameters) throw Error("learner: its lesson has no average; set average_parameters, average_buffers");
  }
  /// `options`, with these statistics kept.
  core::StepOptions keeping(core::StepOptions options) const {
    if (grouping.mask()) options.kept = grouping.mask();
    return options;
  }
};

/// What became of an update.
enum class Updated : unsigned char {
  yes,      ///< the parameters changed
  skipped,  ///< the gradients of the scaled loss left fp16's range: its factor was reduced, no parameter changed
  no        ///< the norm of the gradients is not finite, no parameter changed
};

/// What a step that ends in an update returns.
struct StepAndUpdate {
  core::StepResult result{};       ///< its losses, as sums
  Updated updated = Updated::yes;  ///< what became of the update
  bool stops = false;              ///< whether any process asked to stop when it launched the step; the same in all
};

/// The images of a batch that a process computes.
struct Share {
  int first = 0, count = 0;  ///< in images, from 0
};

/// Progress of the updates, which a checkpoint stores in addition to Learner::state().
struct Standing {
  long steps = 0;          ///< updates made
  double rate = 0;         ///< of the last one
  double loss_factor = 0;  ///< of the loss in fp16; 0: none, or the initial one
  long in_range = 0;       ///< updates in a row within fp16's range since the factor changed
};

/// Computes the steps and updates of a training.
class Learner {
 public:
  virtual ~Learner() = default;

  /// Whether the next batch may be staged between launch() and finish().
  virtual bool stages_ahead() const { return false; }
  virtual bool transforms_images() const { return false; }  ///< whether it applies Images::transforms
  virtual bool takes_byte_labels() const { return false; }  ///< whether it reads Labels::bytes
  /// Begins a step: takes the images [count][H][W][C] of a batch and their labels. A step is stage(), launch(),
  /// finish(): it leaves the gradients of the loss over the staged images in the learner. Staged views must stay valid
  /// until finish() returns, or until the next stage() if the learner stages ahead; such a learner may be given them by
  /// another thread, between launch() and the next.
  virtual void stage(const Images& images, const Labels& labels) = 0;
  /// Starts to compute the staged step.
  virtual void launch(const core::StepOptions& options) = 0;
  /// Waits for the step, and returns its sums.
  virtual core::StepResult finish() = 0;

  /// Multiplies all gradients by `factor`.
  virtual void scale_gradients(double factor) = 0;
  /// Clips the gradients and updates the parameters at the learning rate `rate`.
  virtual Updated update(double rate) = 0;

  // A step and its update at once, if runs_ahead(): stage(), launch_update(), finish_update(). The next step may be
  // staged and launched before finish_update() of the one before, which then returns the older one's. After a step
  // whose loss or whose gradients are not finite, and whose loss factor cannot be reduced, updates change nothing.

  /// Whether it has these calls.
  virtual bool runs_ahead() const { return false; }
  /// launch(options), scale_gradients(factor), and update(rate) unless no label is counted. stop: asks all processes to
  /// stop.
  virtual void launch_update(const core::StepOptions& options, double factor, double rate, bool stop) {
    (void)options, (void)factor, (void)rate, (void)stop;
  }
  /// Waits for the oldest such step.
  virtual StepAndUpdate finish_update() { return {}; }

  /// average += weight (model - average), of parameters and buffers, after the updates that are launched. Throws Error
  /// if its lesson has no average.
  virtual void average(double weight) = 0;

  /// Copies the training's parameters, buffers, average and optimizer state to the host.
  virtual void fetch() {}
  /// Replaces the training's parameters, buffers, average and optimizer state by the host's.
  virtual void put() {}

  // For several processes that train together, each with its own loop:

  /// The images of a batch of `images` that this process needs; one if it computes none.
  virtual Share share(int images) const { return {0, images}; }
  /// stage(), given only this process's share of a batch of `images`.
  virtual void stage_share(const Images& share, const Labels& labels, int images) {
    (void)images;
    stage(share, labels);
  }
  virtual bool keeps_files() const { return true; }  ///< whether this process writes the checkpoints
  virtual int devices() const { return 1; }          ///< of all processes; sums depend on their number
  virtual bool any(bool here) { return here; }       ///< whether `here` is true in any of them; all call it
  /// Gives up steps that may never end, since a device that they wait for failed.
  virtual void abandon() {}

  // The optimizer's part of a checkpoint:

  /// The optimizer's state: one float per parameter and slot, all of slot 0 first.
  virtual core::Floats& state() = 0;
  /// How far the updates are.
  virtual Standing standing() const = 0;
  /// Continues from a checkpoint's numbers.
  virtual void restore(const Standing& standing) = 0;
};

/// The learner of a back end whose `Training` reads parameters and writes gradients on the host.
template <class Training>
class HostLearner final : public Learner {
 public:
  HostLearner(const Lesson& lesson, core::Workers& workers)
      : lesson_(lesson),
        workers_(workers),
        training_(lesson.images, workers),
        table_(lesson.grouping.applied_to(lesson.table, lesson.tensors)),
        updater_(table_.data(), lesson.tensors, lesson.parameter_floats, lesson.optimizer, lesson.clip),
        gradients_(std::size_t(lesson.parameter_floats)) {}

  void stage(const Images& images, const Labels& labels) override { images_ = images, labels_ = labels; }
  void launch(const core::StepOptions& options) override {
    result_ = training_.step(lesson_.parameters, lesson_.buffers, images_, labels_, gradients_.data(),
                             lesson_.keeping(options));
  }
  core::StepResult finish() override { return result_; }
  void scale_gradients(double factor) override { updater_.scale(workers_, gradients_.data(), float(factor)); }
  Updated update(double rate) override {
    return updater_.update(workers_, lesson_.parameters, gradients_.data(), rate) ? Updated::yes : Updated::no;
  }
  void average(double weight) override {
    lesson_.require_average();
    detail::move_average(workers_, lesson_.average_parameters, lesson_.parameters, lesson_.parameter_floats, weight);
    detail::move_average(workers_, lesson_.average_buffers, lesson_.buffers, lesson_.buffer_floats, weight);
  }
  core::Floats& state() override { return updater_.state(); }
  Standing standing() const override { return {.steps = updater_.step(), .rate = updater_.rate()}; }
  void restore(const Standing& standing) override { updater_.restore(standing.steps, standing.rate); }

 private:
  Lesson lesson_;
  core::Workers& workers_;
  Training training_;
  std::vector<graph::Tensor> table_;
  Updater updater_;
  core::Floats gradients_;
  Images images_{};
  Labels labels_{};
  core::StepResult result_{};
};

/// The learner of a back end with `learns_on_device`, defined with that back end (cuda/cuda_learner.hpp).
template <class Net, class Backend>
std::unique_ptr<Learner> make_device_learner(const Lesson& lesson);

/// The learner of `Net` on `Backend`.
template <class Net, class Backend>
std::unique_ptr<Learner> make_learner(const Lesson& lesson, core::Workers& workers) {
  if constexpr (requires { Backend::learns_on_device; }) return make_device_learner<Net, Backend>(lesson);
  else return std::make_unique<HostLearner<typename Backend::template Training<Net>>>(lesson, workers);
}

}  // namespace strata::training

// SPDX-License-Identifier: MIT
// Where the numbers of a training live while it runs, and who changes them: the loop speaks to a Learner, and a back end may
// bring its own. HostLearner is the one whose numbers are the model's own, on the host.
#pragma once

#include <strata/core/views.hpp>
#include <strata/train/groups.hpp>
#include <strata/train/updater.hpp>

#include <memory>

namespace strata {

/// What a learner is made for. The arrays are the model's and outlive it.
struct Lesson {
  const graph::Tensor* table = nullptr;  ///< of the parameters
  int tensors = 0;
  long parameter_floats = 0, buffer_floats = 0;
  float *parameters = nullptr, *buffers = nullptr;
  int images = 0;  ///< the most of a step
  Optimizer optimizer;
  Clip clip{};
  bool accumulates = false;  ///< whether steps may add to the gradients of the one before
  Grouping grouping{};       ///< rates beside the table's, and the statistics that every step keeps

  /// The options of a step that keeps them.
  StepOptions keeping(StepOptions options) const {
    if (grouping.mask()) options.kept = grouping.mask();
    return options;
  }
};

enum class Updated : unsigned char {
  yes,
  skipped,  ///< the gradients of a scaled loss left the range of fp16: the scale became smaller, and no parameter changed
  no        ///< the norm of the gradients is not finite, and no parameter changed
};

/// What a checkpoint keeps of the updates so far, beside Learner::state().
struct Standing {
  long steps = 0;          ///< updates made
  double rate = 0;         ///< of the last one
  double loss_factor = 0;  ///< of the loss in fp16; 0: none, or that of a training's beginning
  long in_range = 0;       ///< updates in a row that kept to fp16's range since the factor moved
};

class Learner {
 public:
  virtual ~Learner() = default;

  // A step: gradients of the loss over the images that were staged, kept here. Views must stay valid until finish() returns,
  // or until the next stage() where the learner stages ahead.
  virtual bool stages_ahead() const { return false; }  ///< whether the next batch may be staged between launch and finish
  virtual bool changes_pictures() const { return false; }  ///< whether it applies Images::changes
  virtual void stage(const Images& images, const Labels& labels) = 0;
  virtual void launch(const StepOptions& options) = 0;
  virtual StepResult finish() = 0;

  virtual void scale_gradients(double factor) = 0;
  virtual Updated update(double rate) = 0;

  /// The host's parameters, buffers and state() become those of the training.
  virtual void fetch() {}
  /// The training goes on from the host's parameters, buffers and state().
  virtual void put() {}

  // Where several processes train together, each with a loop of its own.
  virtual bool keeps_files() const { return true; }   ///< whether checkpoints are this process's to write
  virtual int devices() const { return 1; }           ///< of all processes: sums depend on their number
  virtual bool any(bool here) { return here; }        ///< whether it is so in one of them; all ask at the same place

  // What a checkpoint keeps of the optimizer.
  virtual Floats& state() = 0;
  virtual Standing standing() const = 0;
  virtual void restore(const Standing& standing) = 0;
};

/// On the host: `Training` of a back end whose step reads parameters and writes gradients there.
template <class Training>
class HostLearner final : public Learner {
 public:
  HostLearner(const Lesson& lesson, Workers& workers)
      : lesson_(lesson),
        workers_(workers),
        training_(lesson.images, workers),
        table_(lesson.grouping.applied_to(lesson.table, lesson.tensors)),
        updater_(table_.data(), lesson.tensors, lesson.parameter_floats, lesson.optimizer, lesson.clip),
        gradients_(std::size_t(lesson.parameter_floats)) {}

  void stage(const Images& images, const Labels& labels) override { images_ = images, labels_ = labels; }
  void launch(const StepOptions& options) override {
    result_ = training_.step(lesson_.parameters, lesson_.buffers, images_, labels_, gradients_.data(), lesson_.keeping(options));
  }
  StepResult finish() override { return result_; }
  void scale_gradients(double factor) override { updater_.scale(workers_, gradients_.data(), float(factor)); }
  Updated update(double rate) override {
    return updater_.update(workers_, lesson_.parameters, gradients_.data(), rate) ? Updated::yes : Updated::no;
  }
  Floats& state() override { return updater_.state(); }
  Standing standing() const override { return {.steps = updater_.step(), .rate = updater_.rate()}; }
  void restore(const Standing& standing) override { updater_.restore(standing.steps, standing.rate); }

 private:
  Lesson lesson_;
  Workers& workers_;
  Training training_;
  std::vector<graph::Tensor> table_;
  Updater updater_;
  Floats gradients_;
  Images images_{};
  Labels labels_{};
  StepResult result_{};
};

/// The learner of a back end with `learns_on_device`: defined with that back end (train/cuda_learner.hpp).
template <class Net, class Backend>
std::unique_ptr<Learner> make_device_learner(const Lesson& lesson);

/// The learner of `Net` on `Backend`.
template <class Net, class Backend>
std::unique_ptr<Learner> make_learner(const Lesson& lesson, Workers& workers) {
  if constexpr (requires { Backend::learns_on_device; }) return make_device_learner<Net, Backend>(lesson);
  else return std::make_unique<HostLearner<typename Backend::template Training<Net>>>(lesson, workers);
}

}  // namespace strata

// SPDX-License-Identifier: MIT
// The options of a training, its progress events and its results.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <strata/core/condition.hpp>
#include <strata/metrics/metric.hpp>
#include <strata/train/adagrad.hpp>
#include <strata/train/adam.hpp>
#include <strata/train/average.hpp>
#include <strata/train/groups.hpp>
#include <strata/train/lion.hpp>
#include <strata/train/loss.hpp>
#include <strata/train/plateau.hpp>
#include <strata/train/rmsprop.hpp>
#include <strata/train/updater.hpp>

namespace strata::training {

/// When the training samples are shuffled: before every epoch (every_epoch), once before the first, or never.
enum class Shuffle : unsigned char { every_epoch, once, never };
/// Whether an epoch makes an update with its last batch if that is smaller than the others (keep), or not (drop).
enum class Partial : unsigned char { keep, drop };
/// The statistics that batch norm uses for inference: moving averages (moving), or those of the whole training set
/// (population), computed in an extra pass in training mode at the end (mean over its batches, weighted by their
/// sizes).
enum class Statistics : unsigned char { moving, population };
/// Normalization of raw inputs: y = (raw - mean) / deviation per channel, stored in the model (Model::input_scaling).
enum class Normalization : unsigned char {
  keep,        ///< leaves the model's as it is: loaded from a file, or set by Model::input_scaling
  none,        ///< y = raw
  zerocenter,  ///< subtracts the mean of the training set: MATLAB's default
  zscore,      ///< subtracts the mean and divides by the standard deviation
  unit         ///< divides by 255
};
/// @deprecated Write Normalization.
using Normalisation [[deprecated("strata: Normalisation is now Normalization")]] = Normalization;
/// The model that a training ends with, however it ends: the last one, or the one of its best validation, whose
/// statistics are then recomputed with Statistics::population. With Validation::patience, a best one is what Keras
/// calls restore_best_weights. The best one so far is a copy of the parameters and buffers in host memory, from the
/// first validation on, which checkpoints include. Of two equally good models the earlier one is kept.
struct Keep {
  std::string by{};  ///< what is compared, as best() says; empty: the model after the last update
  /// The best by what validations measure: "loss", "accuracy", "mean_accuracy" and "mean_iou" of labels, "mae", "rmse"
  /// and "r2" of values, or the name of one of TrainOptions::metrics. Whether lower or higher is better depends on it.
  static Keep best(const std::string& by) { return {by}; }
  bool operator==(const Keep&) const = default;

  static const Keep last;           ///< the model after the last update
  static const Keep best_loss;      ///< the lowest Record::validation_loss
  static const Keep best_accuracy;  ///< the highest Record::validation_accuracy
  static const Keep best_mean_iou;  ///< the highest Record::validation_mean_iou
};
inline const Keep Keep::last{}, Keep::best_loss{"loss"}, Keep::best_accuracy{"accuracy"},
    Keep::best_mean_iou{"mean_iou"};
/// Whether a training continues from its checkpoint.
enum class Resume : unsigned char {
  no,          ///< starts anew; the first checkpoint replaces the file
  if_present,  ///< if the file exists
  yes,         ///< throws Error if there is no file, or one of another training
  anyway       ///< even if the data, an option or the build differs: Run::deviations lists the differences
};

/// When a training validates, and when that ends it.
struct Validation {
  int every = 0;     ///< iterations between validations; 0: at the end of each epoch
  int patience = 0;  ///< ends the training after so many validations in a row that were not better than the best; 0:
                     ///< never
  const char* by = "loss";  ///< what patience compares, as Keep::best(by); it outlives the training

  /// The name of what patience compares.
  std::string measure() const { return by ? by : ""; }
};

/// When and where a training writes checkpoints, and whether it resumes from one.
struct Checkpoints {
  std::string path{};             ///< the file; empty: no checkpoints
  int every_epochs = 1;           ///< epochs between checkpoints; 0: none at the end of epochs
  long every_iterations = 0;      ///< iterations between checkpoints, in addition; 0: none
  Resume resume = Resume::no;     ///< whether to continue from the file
  core::Conditions conditions{};  ///< what else the result depends on, in your words; a refusal names these first
  std::string anyway = "Resume::anyway";  ///< what a refusal calls Resume::anyway
};

/// What one iteration measured of a head, in a network with several. What validation measures is empty if there was
/// none after it, or if the head is only in training.
struct HeadOfRecord {
  double loss = 0;                         ///< mean of the batch, as its reduction says, in nats; without its scale
  std::optional<double> train_accuracy{};  ///< of the batch: a fraction from 0 to 1; empty where values have none
  std::optional<double> validation_loss{}, validation_accuracy{};  ///< likewise
  std::optional<double> validation_mae{}, validation_rmse{};       ///< of values, as in Record
};

/// One iteration. What validation measures is empty if there was none after it.
struct Record {
  int epoch = 1;              ///< number of the epoch, from 1
  long iteration = 1;         ///< number of the iteration, from 1
  double seconds = 0;         ///< since the start, including earlier parts of a resumed run
  double loss = 0;            ///< mean over the labels of the batch, in nats
  double rate = 0;            ///< the learning rate: the schedule's, reduced by TrainOptions::plateau
  double train_accuracy = 0;  ///< of the batch: a fraction from 0 to 1; 0 where values are no decisions
  std::optional<double> validation_loss{}, validation_accuracy{};  ///< nats per label, a fraction from 0 to 1
  /// Fractions from 0 to 1: means over the classes that occur.
  std::optional<double> validation_mean_accuracy{}, validation_mean_iou{};
  /// Of values, which have no accuracy and no IoU: the mean absolute error, the root of the mean squared error, and the
  /// coefficient of determination, at most 1 (metrics::ValueErrors).
  std::optional<double> validation_mae{}, validation_rmse{}, validation_r2{};
  std::vector<HeadOfRecord> heads{};            ///< of a network with several, in the order of Run::heads; else empty
  std::vector<metrics::MetricValue> metrics{};  ///< of the validation: TrainOptions::metrics, in their order
  double plateau_factor = 1;                    ///< by which plateaus multiplied the schedule's rate
};

/// How a training ended.
enum class Status : unsigned char {
  complete,     ///< after its last epoch
  early,        ///< Validation::patience ran out
  interrupted,  ///< the stop flag was set
  failed        ///< a loss, a norm, a rate or the model became invalid, or no label counted: Run::why
};

/// The result of a training.
struct Run {
  Status status = Status::complete;       ///< how it ended
  std::string why;                        ///< a sentence if the status is not complete or there was nothing to do
  std::vector<Record> history;            ///< one per iteration, earlier parts of a resumed run included
  std::vector<std::string> deviations{};  ///< the differences, if the training was resumed with Resume::anyway
  core::Conditions conditions{};          ///< what the result depends on; empty without checkpoints
  bool nothing_to_do = false;  ///< the checkpoint has more updates than requested; the model is the checkpoint's
  int epochs = 0;              ///< epochs begun
  long iterations = 0;         ///< updates made
  double seconds = 0, train_seconds = 0, validation_seconds = 0;  ///< of all, of its steps, of its validations
  long images = 0;                            ///< images processed in training, repetitions included
  double train_accuracy = 0, train_loss = 0;  ///< over the last complete epoch: a fraction from 0 to 1, nats per label
  bool validated = false;                     ///< whether `validation` was measured
  metrics::Evaluation validation;             ///< the last one; of the final model if the training came to its end
  long kept_iteration =
      0;  ///< the model is the one after this iteration, whose validation was the best; 0: the last one
  Keep kept_by = Keep::last;  ///< what was compared, if kept_iteration is not 0
  long averaged = 0;          ///< the number of models whose average the model is (TrainOptions::average); 0: it is one
  bool measures_values = false;      ///< the loss compares values, which have errors instead of an accuracy
  std::vector<std::string> heads{};  ///< of a network with several: their names, in the order of Outputs; else empty
  /// Images per second of train_seconds; 0 if none were trained.
  double images_per_second() const { return train_seconds > 0 ? double(images) / train_seconds : 0; }
};

/// What a Progress reports: the start, an iteration, a validation, the end of an epoch, a checkpoint, the end of the
/// training.
enum class Event : unsigned char { start, iteration, validation, epoch, checkpoint, end };

/// What an observer receives.
struct Progress {
  Event event;                            ///< what has just happened
  const Run& run;                         ///< run.history.back() is the newest record
  const Record* record;                   ///< the newest; null before the first
  int epochs;                             ///< epochs of the whole training
  long iterations, iterations_per_epoch;  ///< updates of the whole training, updates per epoch
};

/// Receives all events; called on the training thread, between iterations.
struct Observer {
  void* host = nullptr;                                 ///< passed to `call`
  void (*call)(void* host, const Progress&) = nullptr;  ///< null: no observer
};
/// An observer that calls f(const Progress&); f must outlive the training.
template <class F>
Observer observe(F& f) {
  return {const_cast<void*>(static_cast<const void*>(&f)),
          [](void* host, const Progress& progress) { (*static_cast<F*>(host))(progress); }};
}

/// The options of train(), which throws Error for a number out of its range.
struct TrainOptions {
  int epochs = 30;      ///< passes over the training set, 1 or more
  int batch = 128;      ///< images per update, 1 or more
  int micro_batch = 0;  ///< images per step; gradients are summed over the parts of a batch, batch norm sees each part
                        ///< separately; 0: the whole batch
  Optimizer optimizer = Adam{};  ///< Sgd, Adam, ... (README.md) or your own, with its learning rate
  Loss loss{};                   ///< CrossEntropy, MeanSquaredError, ... (loss.hpp), and what it is divided by
  std::vector<Loss> losses{};    ///< instead of `loss`, of a network with several heads: one for each, in the order of
                                 ///< Outputs; their sum is minimized, each times its scale; empty: their defaults
  Clip clip{};                   ///< of the gradients
  Shuffle shuffle = Shuffle::every_epoch;  ///< when the samples are shuffled
  Partial partial = Partial::keep;         ///< what becomes of a smaller last batch
  Validation validation{};                 ///< how often, and when it ends the training
  Keep keep = Keep::last;                  ///< an interrupted training ends with the last one; its checkpoint has both
  Average average{};                       ///< of models: validated, kept, and what a training ends with (average.hpp)
  Statistics statistics = Statistics::moving;   ///< of batch norm, for inference
  Normalization input = Normalization::zscore;  ///< of the images, fitted to the training set
  Checkpoints checkpoints{};                    ///< the file to save to and to resume from
  Observer observer{};                          ///< is told of each iteration: observe()
  const std::atomic<bool>* stop = nullptr;      ///< checked after each iteration
  std::vector<Group> groups{};  ///< parts with other rates or fixed statistics; no tensor may be in two groups
  std::vector<metrics::Metric> metrics{};  ///< what validations measure besides loss and accuracy or errors
  std::optional<Plateau> plateau{};        ///< reduces the rate where validations no longer improve; empty: never
};

/// The defaults of MATLAB R2020b's solver "sgdm".
inline Sgd matlab_sgdm(Schedule rate = 0.01) {
  return {.rate = rate, .momentum = 0.9, .l2 = 1e-4, .form = Form::matlab};
}
/// The defaults of MATLAB R2020b's solver "adam".
inline Adam matlab_adam(Schedule rate = 0.001) { return {.rate = rate, .l2 = 1e-4, .form = Form::matlab}; }
/// The defaults of MATLAB R2020b's solver "rmsprop".
inline RMSprop matlab_rmsprop(Schedule rate = 0.001) { return {.rate = rate, .alpha = 0.9, .l2 = 1e-4}; }
/// The other defaults of MATLAB R2020b's trainingOptions: 30 epochs of batches of 128 images, shuffled once.
inline TrainOptions matlab_defaults(const Optimizer& optimizer = matlab_sgdm()) {
  return {.epochs = 30,
          .batch = 128,
          .optimizer = optimizer,
          .shuffle = Shuffle::once,
          .partial = Partial::drop,
          .validation = {.every = 50},
          .statistics = Statistics::population,
          .input = Normalization::zerocenter};
}

}  // namespace strata::training

namespace strata {
using training::Keep;
using training::observe;
using training::TrainOptions;
}  // namespace strata

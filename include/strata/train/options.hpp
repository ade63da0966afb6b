// SPDX-License-Identifier: MIT
// Everything that a training can be told, and what it tells back.
#pragma once

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include <strata/core/condition.hpp>
#include <strata/train/adam.hpp>
#include <strata/train/groups.hpp>
#include <strata/train/metrics.hpp>
#include <strata/train/updater.hpp>

namespace strata {

enum class Shuffle : unsigned char { every_epoch, once, never };
/// The last batch of an epoch where the samples do not come out even.
enum class Partial : unsigned char { keep, drop };
/// Which statistics batch norm uses in inference: those that moved along, or those of the whole training set, taken in
/// one more pass in training mode when the training ends (mean over its batches, weighted by their sizes).
enum class Statistics : unsigned char { moving, population };
/// What is done to raw inputs, for each channel: y = scale raw + shift, kept in the model's buffers.
enum class Normalisation : unsigned char {
  keep,        ///< what the model has already
  none,        ///< y = raw
  zerocenter,  ///< minus the mean of the training set: MATLAB's default
  zscore,      ///< minus the mean, over the standard deviation
  unit         ///< over 255
};
/// The model that a training ends with: the last one, or that of its best validation, which with Statistics::population then gets
/// the statistics of the training set. The best one so far is a copy of the parameters and buffers in host memory, taken at the
/// first validation and kept in checkpoints; of two that are equally good it is the earlier one.
enum class Keep : unsigned char {
  last,
  best_loss,     ///< the least Record::validation_loss
  best_mean_iou  ///< the greatest Record::validation_mean_iou
};
enum class Resume : unsigned char {
  no,
  if_present,
  yes,
  anyway  ///< where the data, an option or the build is another, too: Run::deviations says what
};

/// Softmax cross-entropy of the labels that are not ignored (below 0), over the images of one update.
struct Loss {
  enum class Reduction : unsigned char {
    mean,           ///< over the number of labels, as MATLAB does
    weighted_mean,  ///< over the sum of the labels' weights, as PyTorch does
    sum
  } reduction = Reduction::mean;
  double scale = 1;  ///< multiplies the gradient
  std::vector<float> class_weights{};  ///< of each class; empty: all 1

  const float* weights() const { return class_weights.empty() ? nullptr : class_weights.data(); }
  bool divides_by_weights() const { return reduction == Reduction::weighted_mean; }
};

struct Validation {
  int every = 0;     ///< iterations; 0: at the end of each epoch
  int patience = 0;  ///< ends the training when the loss was this often in a row no better than its best; 0: never
};

struct Checkpoints {
  std::string path{};  ///< empty: none
  int every_epochs = 1;
  long every_iterations = 0;  ///< besides; 0: not
  Resume resume = Resume::no;
  Conditions conditions{};  ///< what else the result depends on, in words of the user's, which refusals take first
  std::string anyway = "Resume::anyway";  ///< how a refusal calls going on all the same
};

/// One iteration.
struct Record {
  int epoch = 1;          ///< from 1
  long iteration = 1;     ///< from 1
  double seconds = 0;     ///< since the start, of earlier parts of a resumed run too
  double loss = 0;        ///< mean over the batch
  double rate = 0;
  double train_accuracy = 0;      ///< of the batch
  double validation_loss = -1;    ///< -1: not validated after this iteration
  double validation_accuracy = -1;
  double validation_mean_accuracy = -1;  ///< mean over the classes that occur
  double validation_mean_iou = -1;
};

enum class Status : unsigned char {
  complete,
  early,        ///< the patience of the validation ended
  interrupted,  ///< the stop flag was set
  failed        ///< the loss became NaN or infinite
};

struct Run {
  Status status = Status::complete;
  std::string why;  ///< a sentence where the status is not complete, or where there was nothing to do
  std::vector<Record> history;
  std::vector<std::string> deviations{};  ///< what was not as before, where the training was resumed anyway
  bool nothing_to_do = false;  ///< the checkpoint is of more updates than were asked for: the model is as it says, `why` says so
  int epochs = 0;           ///< begun
  long iterations = 0;      ///< updates made
  double seconds = 0, train_seconds = 0, validation_seconds = 0;
  long images = 0;          ///< seen by the training, with repetition
  double train_accuracy = 0, train_loss = 0;  ///< over the last epoch, as it went
  bool validated = false;
  Evaluation validation;    ///< the last one, of the finished model where the training ended
  long kept_iteration = 0;  ///< the model is that after this one, whose validation was the best; 0: that after the last
  Keep kept_by = Keep::last;  ///< where kept_iteration is not 0
  double images_per_second() const { return train_seconds > 0 ? double(images) / train_seconds : 0; }
};

enum class Event : unsigned char { start, iteration, validation, epoch, checkpoint, end };

struct Progress {
  Event event;
  const Run& run;       ///< run.history.back() is the newest record
  const Record* record; ///< null before the first
  int epochs;           ///< of the whole training
  long iterations, iterations_per_epoch;
};

/// Told of everything; called on the thread that trains, between iterations.
struct Observer {
  void* host = nullptr;
  void (*call)(void* host, const Progress&) = nullptr;
};
/// An observer that calls f(const Progress&); f must outlive the training.
template <class F>
Observer observe(F& f) {
  return {const_cast<void*>(static_cast<const void*>(&f)),
          [](void* host, const Progress& progress) { (*static_cast<F*>(host))(progress); }};
}

struct TrainOptions {
  int epochs = 30;
  int batch = 128;      ///< images of one update
  int micro_batch = 0;  ///< images at once; gradients are summed over the parts of a batch, batch norm sees each part
                        ///< alone; 0: the whole batch
  Optimizer optimizer = Adam{};
  Loss loss{};
  Clip clip{};
  Shuffle shuffle = Shuffle::every_epoch;
  Partial partial = Partial::keep;
  Validation validation{};
  Keep keep = Keep::last;  ///< a training that is interrupted keeps the last for now, and its checkpoint has both
  Statistics statistics = Statistics::moving;
  Normalisation input = Normalisation::zscore;
  Checkpoints checkpoints{};
  Observer observer{};
  const std::atomic<bool>* stop = nullptr;  ///< looked at after each iteration
  std::vector<Group> groups{};  ///< parts that learn at other rates or keep their statistics; no tensor is in two of them
};

/// The defaults of MATLAB R2020b: solvers "sgdm" and "adam" and the rest of trainingOptions.
inline Sgd matlab_sgdm(Schedule rate = 0.01) { return {.rate = rate, .momentum = 0.9, .l2 = 1e-4, .form = Form::matlab}; }
inline Adam matlab_adam(Schedule rate = 0.001) { return {.rate = rate, .l2 = 1e-4, .form = Form::matlab}; }
inline TrainOptions matlab_defaults(const Optimizer& optimizer = matlab_sgdm()) {
  return {.epochs = 30,
          .batch = 128,
          .optimizer = optimizer,
          .shuffle = Shuffle::once,
          .partial = Partial::drop,
          .validation = {.every = 50},
          .statistics = Statistics::population,
          .input = Normalisation::zerocenter};
}

}  // namespace strata

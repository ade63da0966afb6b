// SPDX-License-Identifier: MIT
// Checks that a training could have written the numbers of a checkpoint. The digest shows that a file is intact, not
// where it came from: a training that resumes from these numbers must neither overflow nor compute with NaN.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>

#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>

namespace strata::training {

/// The progress of a training.
struct TrainingState {
  std::int64_t iteration = 0;  ///< updates made
  std::int64_t optimizer_step = 0;
  double optimizer_rate = 0;
  double epoch_loss = 0, epoch_weight = 0;  ///< sums over the current epoch
  std::int64_t epoch_correct = 0, epoch_counted = 0, images = 0;
  double best_validation = 0;
  std::int64_t validations = 0, validations_since_best = 0;
  double last_epoch_loss = 0, last_epoch_accuracy = 0;
  double seconds = 0, train_seconds = 0, validation_seconds = 0;
  // Since version 3.
  double loss_factor = 0;     ///< of fp16; 0: none
  std::int64_t in_range = 0;  ///< updates since it last changed
};

namespace detail {

// Numbers per record of the history, and where it has the errors of values.
inline constexpr std::size_t row_numbers = 10, wide_row_numbers = 13;
inline constexpr std::size_t head_numbers = 6;  // per head of a record
inline constexpr double not_measured = -1;      // in a record without validation

/// A clause that names the first number that no training writes; empty if there is none.
[[gnu::cold]] inline std::string implausible(const TrainingState& s) {
  std::string out;
  const auto whole = [&](const char* what, std::int64_t value, std::int64_t least, std::int64_t most) {
    if (out.empty() && (value < least || value > most)) out = core::sentence("its ", what, " is ", value);
  };
  const auto real = [&](const char* what, double value, double least, double most) {
    if (out.empty() && !(value >= least && value <= most)) out = core::sentence("its ", what, " is ", value);
  };
  constexpr std::int64_t exact = std::int64_t(1) << 53;  // integers up to this are exact in a double
  constexpr double largest = std::numeric_limits<double>::max();
  whole("iteration", s.iteration, 0, exact);
  whole("optimizer's step", s.optimizer_step, 0, s.iteration);
  real("optimizer's rate", s.optimizer_rate, -largest, largest);
  real("sum of losses", s.epoch_loss, -largest, largest);
  real("sum of weights", s.epoch_weight, 0, largest);
  whole("number of labels", s.epoch_counted, 0, exact);
  whole("number of correct labels", s.epoch_correct, 0, s.epoch_counted);
  whole("number of images", s.images, s.iteration, exact);
  if (s.validations != 0) real("best validation loss", s.best_validation, -largest, HUGE_VAL);
  whole("number of validations", s.validations, 0, s.iteration);
  whole("number of validations since the best", s.validations_since_best, 0, s.iteration);
  real("loss of the last epoch", s.last_epoch_loss, -largest, largest);
  real("accuracy of the last epoch", s.last_epoch_accuracy, 0, 1);
  real("number of seconds", s.seconds, 0, 1e15);
  real("number of seconds of training", s.train_seconds, 0, 1e15);
  real("number of seconds of validation", s.validation_seconds, 0, 1e15);
  if (s.loss_factor != 0) real("loss factor", s.loss_factor, 1, 65536. * 65536);
  whole("number of updates in range", s.in_range, 0, s.iteration);
  return out;
}

/// The same for the history, one row of so many numbers per update. `rows` need not be aligned.
[[gnu::cold]] inline std::string implausible(const unsigned char* rows, std::size_t count, std::int64_t iteration,
                                             std::size_t numbers = row_numbers) {
  if (std::uint64_t(iteration) != count)
    return core::sentence("it claims ", iteration, " updates, but its history has ", long(count));
  double epoch = 1;
  for (std::size_t i = 0; i < count; i++) {
    double r[wide_row_numbers];
    std::memcpy(r, rows + i * numbers * sizeof(double), numbers * sizeof(double));
    const auto within = [&](int number, double least, double most) { return r[number] >= least && r[number] <= most; };
    constexpr double largest = std::numeric_limits<double>::max(), most_epochs = 2e9;
    bool fine = within(0, epoch, most_epochs) && r[0] == std::floor(r[0]) && r[1] == double(i + 1) &&
                within(2, 0, 1e15) && within(3, -largest, largest) && within(4, -largest, largest) && within(5, 0, 1);
    for (int number = 7; number < int(row_numbers); number++)
      fine = fine && (r[number] == not_measured || within(number, 0, 1));
    if (numbers == wide_row_numbers && r[10] != not_measured)  // NaN where outputs were not finite
      fine = fine && !(r[10] < 0) && !(r[11] < 0) && !(r[12] > 1);
    if (!fine) return core::sentence("row ", long(i + 1), " of its history is not one that a training records");
    epoch = r[0];
  }
  return "";
}

/// The same for the heads of its rows, so many numbers for each (HeadOfRecord), in `count` rows of them.
[[gnu::cold]] inline std::string implausible_heads(const unsigned char* rows, std::size_t count) {
  for (std::size_t i = 0; i < count; i++) {
    double r[head_numbers];
    std::memcpy(r, rows + i * sizeof r, sizeof r);
    const auto share = [](double number) { return number == not_measured || (number >= 0 && number <= 1); };
    const bool validated = r[3] != not_measured || r[4] != not_measured;
    bool fine = core::is_finite(r[0]) && share(r[1]) && share(r[3]) && (validated || r[2] == not_measured);
    if (r[4] != not_measured) fine = fine && r[3] == not_measured && !(r[4] < 0) && !(r[5] < 0);  // or NaN
    else fine = fine && r[5] == not_measured;
    if (!fine) return core::sentence("row ", long(i + 1), " of its heads is not one that a training records");
  }
  return "";
}

/// The same for `count` floats.
[[gnu::cold]] inline std::string implausible(const char* what, const unsigned char* floats, std::size_t count,
                                             bool never_negative) {
  for (std::size_t i = 0; i < count; i++) {
    float x;
    std::memcpy(&x, floats + i * sizeof x, sizeof x);
    if (!core::is_finite(x) || (never_negative && x < 0))
      return core::sentence("number ", long(i), " of its ", what, " is ", double(x));
  }
  return "";
}

}  // namespace detail
}  // namespace strata::training

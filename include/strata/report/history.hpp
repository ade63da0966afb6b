// SPDX-License-Identifier: MIT
// The history of a training as comma-separated values, one line per iteration; unmeasured values are
// empty. The errors of values have columns if a validation measured them.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/files/file.hpp>
#include <strata/core/text/number_text.hpp>
#include <strata/train/options.hpp>

namespace strata::report {

/// The history as CSV text with a header line.
inline std::string history_csv(const std::vector<training::Record>& history) {
  std::string out =
      "epoch,iteration,seconds,loss,rate,train_accuracy,validation_loss,validation_accuracy,"
      "validation_mean_accuracy,validation_mean_iou";
  bool has_errors = false;
  for (const training::Record& r : history) has_errors = has_errors || r.validation_mae;
  out += has_errors ? ",validation_mae,validation_rmse,validation_r2\n" : "\n";
  for (const training::Record& r : history) {
    out += core::sentence(r.epoch, ',', r.iteration, ',', core::fixed(r.seconds, 3), ',', r.loss, ',', r.rate, ',',
                          r.train_accuracy, ',');
    const auto cell = [](const std::optional<double>& number) {
      return number ? core::sentence(*number) : std::string();
    };
    out += core::sentence(cell(r.validation_loss), ',', cell(r.validation_accuracy), ',',
                          cell(r.validation_mean_accuracy), ',', cell(r.validation_mean_iou));
    if (has_errors)
      out += core::sentence(',', cell(r.validation_mae), ',', cell(r.validation_rmse), ',', cell(r.validation_r2));
    out += '\n';
  }
  return out;
}

/// Writes history_csv() to a file atomically. Throws Error if that fails.
inline void write_history(const std::string& path, const std::vector<training::Record>& history) {
  core::write_file(path, history_csv(history));
}

}  // namespace strata::report

// SPDX-License-Identifier: MIT
// The history of a training as comma-separated values, a line an iteration; what was not measured is empty.
#pragma once

#include <cstdio>
#include <string>
#include <vector>

#include <strata/core/file.hpp>
#include <strata/train/options.hpp>

namespace strata {

inline std::string history_csv(const std::vector<Record>& history) {
  std::string out = "epoch,iteration,seconds,loss,rate,train_accuracy,validation_loss,validation_accuracy,"
                    "validation_mean_accuracy,validation_mean_iou\n";
  char line[256];
  for (const Record& r : history) {
    std::snprintf(line, sizeof line, "%d,%ld,%.3f,%.6g,%.6g,%.6g,", r.epoch, r.iteration, r.seconds, r.loss, r.rate,
                  r.train_accuracy);
    out += line;
    if (r.validation_accuracy >= 0) {
      std::snprintf(line, sizeof line, "%.6g,%.6g,%.6g,%.6g", r.validation_loss, r.validation_accuracy, r.validation_mean_accuracy,
                    r.validation_mean_iou);
      out += line;
    } else {
      out += ",,,";
    }
    out += '\n';
  }
  return out;
}

inline void write_history(const std::string& path, const std::vector<Record>& history) {
  write_file(path, history_csv(history));
}

}  // namespace strata

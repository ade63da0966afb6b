// SPDX-License-Identifier: MIT
// The metrics of a history: their names, and where records that hold them are read and drawn.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

#include <strata/train/options.hpp>

namespace strata::report::detail {

/// The names of all metrics in a history, each once, in the order in which they occur; without those that are measured
/// anyway as errors of values.
inline std::vector<std::string> metric_names(const std::vector<training::Record>& history) {
  std::vector<std::string> out;
  for (const training::Record& r : history)
    for (const metrics::MetricValue& metric : r.metrics) {
      const bool twice = r.validation_mae && (metric.name == "mae" || metric.name == "rmse");
      if (!twice && std::find(out.begin(), out.end(), metric.name) == out.end()) out.push_back(metric.name);
    }
  return out;
}

/// The value of a metric; empty: it was not measured.
inline std::optional<double> metric_of(const std::vector<metrics::MetricValue>& measured, const std::string& name) {
  for (const metrics::MetricValue& metric : measured)
    if (metric.name == name) return metric.value;
  return std::nullopt;
}

/// Whether validations measure it without being asked.
inline bool is_measured_anyway(const std::string& name) {
  constexpr const char* names[] = {"loss", "accuracy", "mean_accuracy", "mean_iou", "mae", "rmse", "r2"};
  return std::find(std::begin(names), std::end(names), name) != std::end(names);
}

/// What the best model was kept by, in words: "loss", "mean IoU", a metric's name.
inline std::string words_of(const Keep& keep) {
  return keep == Keep::best_mean_iou ? "mean IoU" : keep.by == "mean_accuracy" ? "mean accuracy" : keep.by;
}

/// The number by which a record would be kept; empty: it was not measured.
inline std::optional<double> measure_of(const Keep& keep, const training::Record& r) {
  if (const std::optional<double> metric = metric_of(r.metrics, keep.by)) return metric;
  return keep == Keep::best_loss       ? r.validation_loss
         : keep == Keep::best_accuracy ? r.validation_accuracy
         : keep == Keep::best_mean_iou ? r.validation_mean_iou
         : keep.by == "mean_accuracy"  ? r.validation_mean_accuracy
         : keep.by == "mae"            ? r.validation_mae
         : keep.by == "rmse"           ? r.validation_rmse
         : keep.by == "r2"             ? r.validation_r2
                                       : std::nullopt;
}

}  // namespace strata::report::detail

// SPDX-License-Identifier: MIT
// What validations measure, by name: by which the best model is kept, and patience and plateaus are decided.
#pragma once

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include <strata/core/compile_once.hpp>
#include <strata/train/options.hpp>

namespace strata::training::detail {

/// Copies what a validation measured into the record of its update.
STRATA_ONCE void record_quality(Record& record, const metrics::Evaluation& validation);

/// A measurement that is better than no other.
inline constexpr double not_measured_value = std::numeric_limits<double>::quiet_NaN();

/// The number of that name, a metric's or one that is measured anyway; empty: r was not validated, or it is not
/// measured.
inline std::optional<double> number_of(const std::string& measure, const Record& r) {
  if (!r.validation_accuracy && !r.validation_mae) return std::nullopt;
  for (const metrics::MetricValue& metric : r.metrics)
    if (metric.name == measure) return metric.value;
  return measure == "loss"            ? r.validation_loss
         : measure == "accuracy"      ? r.validation_accuracy
         : measure == "mean_accuracy" ? r.validation_mean_accuracy
         : measure == "mean_iou"      ? r.validation_mean_iou
         : measure == "mae"           ? r.validation_mae
         : measure == "rmse"          ? r.validation_rmse
         : measure == "r2"            ? r.validation_r2
                                      : std::nullopt;
}

/// Which of two numbers of that name is better.
inline metrics::Better better_of(const std::string& measure, const std::vector<metrics::Metric>& metrics = {}) {
  for (const metrics::Metric& metric : metrics)
    if (metric.name == measure) return metric.better;
  const bool lower = measure == "loss" || measure == "mae" || measure == "rmse";
  return lower ? metrics::Better::lower : metrics::Better::higher;
}

/// Whether a training with these metrics has numbers of that name; of_values: its loss compares values; has_confusion:
/// with labels.
inline bool is_measured(const std::string& measure, const std::vector<metrics::Metric>& metrics, bool of_values,
                        bool has_confusion) {
  for (const metrics::Metric& metric : metrics)
    if (metric.name == measure) return true;
  if (measure == "loss") return true;
  if (of_values) return measure == "mae" || measure == "rmse" || measure == "r2";
  return measure == "accuracy" || (has_confusion && (measure == "mean_accuracy" || measure == "mean_iou"));
}

#if STRATA_HAS_BODIES

STRATA_ONCE void record_quality(Record& record, const metrics::Evaluation& validation) {
  record.validation_loss = validation.loss;
  record.metrics = validation.metrics;
  const bool only_one = validation.heads.empty();  // in inference
  for (std::size_t h = 0; h < std::min(record.heads.size(), only_one ? 1 : validation.heads.size()); h++) {
    const metrics::Evaluation& head = only_one ? validation : validation.heads[h];
    HeadOfRecord& own = record.heads[h];
    own.validation_loss = head.loss;
    if (!head.measures_values()) own.validation_accuracy = head.accuracy;
    else own.validation_mae = head.errors.mae(), own.validation_rmse = head.errors.rmse();
  }
  if (validation.measures_values()) {
    record.validation_mae = validation.errors.mae(), record.validation_rmse = validation.errors.rmse();
    record.validation_r2 = validation.errors.r2();
    return;
  }
  record.validation_accuracy = validation.accuracy;
  if (validation.confusion.classes == 0) return;
  record.validation_mean_accuracy = validation.confusion.mean_accuracy();
  record.validation_mean_iou = validation.confusion.mean_iou();
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::training::detail

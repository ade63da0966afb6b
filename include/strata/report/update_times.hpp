// SPDX-License-Identifier: MIT
// The times of a run's updates, from its history.
#pragma once

#include <algorithm>
#include <vector>

#include <strata/report/run_record.hpp>

namespace strata::report {

/// Seconds of an update: the median, and the tenth and the ninetieth percentile.
struct UpdateTimes {
  double low = 0, median = 0, high = 0;  ///< in seconds
  int count = 0;  ///< of updates that were timed; 0: none, and the median is the average that the record states
};

/// The first update, which also allocates memory and decodes images, and those that end with a validation do not count,
/// unless there are no others.
inline UpdateTimes update_times(const RunRecord& record) {
  std::vector<double> times;
  for (std::size_t i = 1; i < record.history.size(); i++) {
    const double seconds = record.history[i].seconds - record.history[i - 1].seconds;
    if (!record.history[i].validation_accuracy && seconds > 0) times.push_back(seconds);
  }
  if (times.empty()) {
    const double average = record.seconds.per_iteration;
    return {average, average, average, 0};
  }
  std::sort(times.begin(), times.end());
  const auto at = [&](double share) { return times[std::size_t(share * double(times.size() - 1) + 0.5)]; };
  return {at(0.1), at(0.5), at(0.9), int(times.size())};
}

/// Images that a run validated on, repetitions included.
inline double validated_images(const RunRecord& record) {
  double validations = 0;
  for (const training::Record& r : record.history) validations += r.validation_accuracy.has_value();
  return validations * record.dataset.validation;
}

/// Updates in an epoch with another batch size, dropping the last images or not as the run did. At least 1.
inline long updates_per_epoch(const RunRecord& record, int batch) {
  const long images = record.dataset.train, whole = images / std::max(record.batch, 1);
  const bool keeps_partial = record.epochs > 0 && record.iterations > whole * record.epochs;
  return std::max(1L, (images + (keeps_partial ? batch - 1 : 0)) / batch);
}

}  // namespace strata::report

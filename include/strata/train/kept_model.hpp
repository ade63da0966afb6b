// SPDX-License-Identifier: MIT
// The best model of a training so far, selected by its validations (options.hpp, Keep).
#pragma once

#include <cstdint>
#include <optional>

#include <strata/core/aligned.hpp>
#include <strata/core/finite.hpp>
#include <strata/train/measure.hpp>

namespace strata::training {

struct KeptModel {
  Keep by = Keep::last;
  std::int64_t iteration = 0;  ///< the one that the model comes from; 0: there is no model
  core::Floats parameters{}, buffers{};
  metrics::Evaluation evaluation{};  ///< of its validation; counted is 0 if the model was read from a checkpoint
};

namespace detail {

/// Whether r has a finite number to compare.
inline bool has_measure(const Keep& keep, const Record& r) {
  const std::optional<double> measure = number_of(keep.by, r);
  return keep != Keep::last && measure && core::is_finite(*measure);
}
/// Whether `ours` is strictly better than `theirs`.
constexpr bool is_better(metrics::Better better, double ours, double theirs) {
  return better == metrics::Better::lower ? ours < theirs : ours > theirs;
}
/// Whether the validation of r is strictly better than that of `best`, which has a measure.
inline bool is_better(const Keep& keep, const Record& r, const Record& best,
                      const std::vector<metrics::Metric>& metrics = {}) {
  return has_measure(keep, r) &&
         is_better(better_of(keep.by, metrics), *number_of(keep.by, r), *number_of(keep.by, best));
}

}  // namespace detail
}  // namespace strata::training

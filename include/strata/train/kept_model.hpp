// SPDX-License-Identifier: MIT
// The best model of a training so far, by its validations (options.hpp, Keep).
#pragma once

#include <cstdint>

#include <strata/core/aligned.hpp>
#include <strata/core/finite.hpp>
#include <strata/train/options.hpp>

namespace strata {

struct KeptModel {
  Keep by = Keep::last;
  std::int64_t iteration = 0;  ///< it is the model after this one; 0: there is none
  Floats parameters{}, buffers{};
  Evaluation evaluation{};  ///< counted 0: not at hand, since it came out of a checkpoint
};

namespace detail {

/// What `keep` compares.
constexpr double measure_of(Keep keep, const Record& r) {
  return keep == Keep::best_loss ? r.validation_loss : r.validation_mean_iou;
}
/// Whether there is a number to compare.
constexpr bool has_measure(Keep keep, const Record& r) {
  return keep != Keep::last && r.validation_accuracy >= 0 && is_finite(measure_of(keep, r));
}
/// Whether the validation of r is strictly better than that of `best`, which has a measure.
constexpr bool is_better(Keep keep, const Record& r, const Record& best) {
  if (!has_measure(keep, r)) return false;
  return keep == Keep::best_loss ? r.validation_loss < best.validation_loss : r.validation_mean_iou > best.validation_mean_iou;
}

}  // namespace detail
}  // namespace strata

// SPDX-License-Identifier: MIT
// The best model of a training so far, selected by its validations (options.hpp, Keep).
#pragma once

#include <cstdint>
#include <optional>

#include <strata/core/aligned.hpp>
#include <strata/core/finite.hpp>
#include <strata/train/options.hpp>

namespace strata::training {

struct KeptModel {
  Keep by = Keep::last;
  std::int64_t iteration = 0;  ///< the one that the model comes from; 0: there is no model
  core::Floats parameters{}, buffers{};
  metrics::Evaluation evaluation{};  ///< of its validation; counted is 0 if the model was read from a checkpoint
};

namespace detail {

/// The number that `keep` compares; empty: r was not validated.
constexpr std::optional<double> measure_of(Keep keep, const Record& r) {
  return keep == Keep::best_loss ? r.validation_loss : r.validation_mean_iou;
}
/// Whether r has a finite number to compare.
constexpr bool has_measure(Keep keep, const Record& r) {
  const std::optional<double> measure = measure_of(keep, r);
  return keep != Keep::last && (r.validation_accuracy || r.validation_mae) && measure && core::is_finite(*measure);
}
/// Whether the validation of r is strictly better than that of `best`, which has a measure.
constexpr bool is_better(Keep keep, const Record& r, const Record& best) {
  if (!has_measure(keep, r)) return false;
  const double ours = *measure_of(keep, r), theirs = *measure_of(keep, best);
  return keep == Keep::best_loss ? ours < theirs : ours > theirs;
}

}  // namespace detail
}  // namespace strata::training

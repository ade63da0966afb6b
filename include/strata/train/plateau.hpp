// SPDX-License-Identifier: MIT
// Reduces the learning rate where validations no longer improve, as PyTorch's ReduceLROnPlateau.
#pragma once

#include <algorithm>
#include <cstdint>
#include <string>

#include <strata/core/condition.hpp>
#include <strata/core/error.hpp>
#include <strata/core/finite.hpp>
#include <strata/metrics/metric.hpp>

namespace strata::training {

/// Multiplies the schedule's learning rate by `factor` after more than `patience` validations in a row that were not
/// better than the best one by more than the threshold: TrainOptions::plateau, with PyTorch's defaults. The factors of
/// all plateaus multiply the schedule's later rates, those of its warm-up too.
struct Plateau {
  /// What the threshold is.
  enum class Threshold : unsigned char {
    relative,  ///< better: below best (1 - threshold), or above best (1 + threshold)
    absolute   ///< better: below best - threshold, or above best + threshold
  };
  double factor = 0.1;                           ///< above 0 and below 1
  int patience = 10;                             ///< validations without improvement that change nothing, 0 or more
  double threshold = 1e-4;                       ///< from 0 to 1e6
  Threshold threshold_is = Threshold::relative;  ///< relative or absolute
  int cooldown = 0;                              ///< validations after a reduction that do not count
  double least = 0;         ///< no rate is reduced below it; rates of the schedule that are lower stay
  std::string by = "loss";  ///< what is compared, as Keep::best(by)

  /// Why no training can start with it, as a clause; empty if one can.
  std::string fault() const {
    if (!core::is_within(factor, 1e-12, 1) || factor == 1)
      return core::sentence("plateau.factor = ", factor, "; give a number from 1e-12 to below 1");
    if (patience < 0) return core::sentence("plateau.patience = ", patience, "; give a number of validations");
    if (!core::is_within(threshold, 0, 1e6))
      return core::sentence("plateau.threshold = ", threshold, "; give a number from 0 to 1000000");
    if (cooldown < 0) return core::sentence("plateau.cooldown = ", cooldown, "; give a number of validations");
    if (!core::is_within(least, 0, 1e6))
      return core::sentence("plateau.least = ", least, "; give a learning rate from 0 to 1000000");
    return "";
  }
  /// What its rates depend on.
  core::Conditions conditions() const {
    const auto& [reduced_by, waits, by_more_than, is, cools, lowest, measure] = *this;
    core::Conditions out;
    out.add("plateau.factor", reduced_by), out.add("plateau.patience", waits);
    out.add("plateau.threshold", by_more_than);
    out.add("plateau.threshold_is", is == Threshold::relative ? "relative" : "absolute");
    out.add("plateau.cooldown", cools), out.add("plateau.least", lowest), out.add("plateau.by", measure);
    return out;
  }
};

/// How far a training is between two plateaus; a checkpoint stores it.
struct PlateauState {
  double factor = 1;             ///< of the learning rate: the product of all reductions
  double best = 0;               ///< of the validations, if there were any
  std::int64_t validations = 0;  ///< that had a number
  std::int64_t bad = 0;          ///< in a row that were no better
  std::int64_t cooling = 0;      ///< validations that will not count
  bool operator==(const PlateauState&) const = default;
};

namespace detail {

/// Adds a validation; NaN is not better than any. Returns whether the rate is to be reduced.
inline bool add_validation(PlateauState& state, const Plateau& plateau, metrics::Better better, double value) {
  const bool lower = better == metrics::Better::lower;
  const double margin =
      plateau.threshold_is == Plateau::Threshold::absolute ? plateau.threshold : plateau.threshold * state.best;
  const bool improves = core::is_finite(value) &&
                        (state.validations == 0 || (lower ? value < state.best - margin : value > state.best + margin));
  if (core::is_finite(value)) state.validations++;
  if (improves) state.best = value;
  state.bad = improves ? 0 : state.bad + 1;
  if (state.cooling > 0) state.cooling--, state.bad = 0;
  return state.bad > plateau.patience;
}
/// The rate is reduced.
inline void reduce(PlateauState& state, const Plateau& plateau) {
  state.factor *= plateau.factor;
  state.cooling = plateau.cooldown, state.bad = 0;
}
/// A rate of the schedule, multiplied by `factor`, but not below `least`.
inline double reduced_rate(double rate, double factor, double least) {
  return factor < 1 ? std::max(rate * factor, std::min(rate, least)) : rate;
}

/// A clause that names the first number that no training writes; empty if there is none.
[[gnu::cold]] inline std::string implausible(const PlateauState& s, std::int64_t iteration) {
  const auto counts = [&](std::int64_t n) { return n >= 0 && n <= iteration; };
  const bool fine = s.factor >= 0 && s.factor <= 1 && core::is_finite(s.best) && counts(s.validations) &&
                    counts(s.bad) && s.cooling >= 0 && s.cooling <= 2'147'483'647;
  return fine ? "" : "its state between plateaus is invalid";
}

}  // namespace detail
}  // namespace strata::training

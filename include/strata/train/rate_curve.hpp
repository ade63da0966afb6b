// SPDX-License-Identifier: MIT
// The loss of a training whose learning rate grows from update to update, and the rate that it suggests.
#pragma once

#include <cstddef>
#include <optional>
#include <vector>

namespace strata::training {

/// What find_rate() returns: one number for each update.
struct RateCurve {
  std::vector<double> rates{};         ///< growing
  std::vector<double> losses{};        ///< of the updates' batches, before the update
  std::vector<double> smoothed{};      ///< their exponential average
  bool diverged = false;               ///< it ended since the loss grew beyond measure, before the highest rate
  std::optional<double> suggestion{};  ///< the rate where the smoothed loss fell fastest; empty: it did not fall
};

namespace detail {

/// Adds the loss of an update: smoothed[i] = (1 - b) sum over j up to i of b^(i - j) losses[j] / (1 - b^(i + 1)).
inline void add_loss(RateCurve& curve, double rate, double loss, double b) {
  curve.rates.push_back(rate), curve.losses.push_back(loss);
  double sum = 0, weights = 0, weight = 1;
  for (std::size_t i = curve.losses.size(); i-- > 0 && weight > 1e-12; weight *= b)
    sum += weight * curve.losses[i], weights += weight;
  curve.smoothed.push_back(sum / weights);
}

/// The rate at which the smoothed loss falls fastest by the logarithm of the rate, before its lowest point. The first
/// `skipped` updates, of which the average knows too few, do not count.
inline std::optional<double> steepest(const RateCurve& curve, std::size_t skipped) {
  const std::vector<double>& y = curve.smoothed;
  std::size_t lowest = 0, best = 0;
  for (std::size_t i = 0; i < y.size(); i++)
    if (y[i] < y[lowest]) lowest = i;
  double fall = 0;
  for (std::size_t i = skipped > 0 ? skipped : 1; i < lowest && i + 1 < y.size(); i++)
    if (y[i - 1] - y[i + 1] > fall) fall = y[i - 1] - y[i + 1], best = i;
  return best > 0 ? std::optional(curve.rates[best]) : std::nullopt;
}

}  // namespace detail
}  // namespace strata::training

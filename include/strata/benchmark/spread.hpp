// SPDX-License-Identifier: MIT
// The middle of measured values, and how far they lie apart.
#pragma once

#include <algorithm>
#include <cstddef>
#include <vector>

namespace strata::benchmarks {

/// Median and quartiles.
struct Spread {
  double median = 0;  ///< in seconds, or the unit of the values; 0: there are none
  double low = 0;     ///< the lower quartile, in seconds or that unit
  double high = 0;    ///< the upper quartile, in seconds or that unit
  int count = 0;      ///< number of values

  /// The distance of the quartiles, as a fraction of the median.
  double relative() const { return median > 0 ? (high - low) / median : 0; }
};

/// Of finite values; quartiles between two values are interpolated.
inline Spread spread_of(std::vector<double> values) {
  if (values.empty()) return {};
  std::sort(values.begin(), values.end());
  const auto at = [&](double share) {
    const double place = share * double(values.size() - 1);
    const std::size_t below = std::size_t(place), above = std::min(below + 1, values.size() - 1);
    return values[below] + (place - double(below)) * (values[above] - values[below]);
  };
  return {at(0.5), at(0.25), at(0.75), int(values.size())};
}

}  // namespace strata::benchmarks

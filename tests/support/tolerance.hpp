// SPDX-License-Identifier: MIT
// Comparison relative to scale: |a - b| <= bound * scale for every element, where scale is the largest |expected| of
// the tensor that the element belongs to. Bounds are so many units in the last place that a wrong formula never passes,
// and a long sum in another order does.
#pragma once

#include <cmath>

namespace strata::testing {

/// Bounds for floats from a forward pass, and for gradients: about 300 and 1000 units in the last place.
inline constexpr double forward_bound = 2e-5, gradient_bound = 1e-4;
/// Bound for doubles computed in another order.
inline constexpr double double_bound = 1e-11;

template <class Number>
double largest(const Number* values, long count) {
  double most = 0;
  for (long i = 0; i < count; i++) most = std::fabs(double(values[i])) > most ? std::fabs(double(values[i])) : most;
  return most;
}

/// The largest |given - expected|; infinite where one of them is NaN.
template <class Given, class Expected>
double distance(const Given* given, const Expected* expected, long count) {
  double most = 0;
  for (long i = 0; i < count; i++) {
    const double d = std::fabs(double(given[i]) - double(expected[i]));
    if (!(d <= HUGE_VAL)) return HUGE_VAL;
    most = d > most ? d : most;
  }
  return most;
}

/// distance / scale; where scale is 0, distance.
template <class Given, class Expected>
double relative_distance(const Given* given, const Expected* expected, long count) {
  const double scale = largest(expected, count);
  return distance(given, expected, count) / (scale > 0 ? scale : 1);
}

/// |given - expected| / |expected|; where expected is 0, |given|.
inline double relative_error(double given, double expected) { return relative_distance(&given, &expected, 1); }

}  // namespace strata::testing

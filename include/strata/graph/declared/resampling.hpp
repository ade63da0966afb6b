// SPDX-License-Identifier: MIT
// What `resample` reads along one axis. Rows and columns are resampled alike and independently: a pixel's weight is the
// product of its row's and its column's.
#pragma once

#include <strata/core/adaptive_axis.hpp>
#include <strata/graph/declared/graph.hpp>

namespace strata::graph {

/// The neighbors that make up a position of a resampled axis: `count` inputs from `first` on. Their weights sum to 1.
struct Neighbors {
  int first = 0, count = 1;
  float of_first = 1, of_others = 0;

  constexpr float weight(int k) const { return k == 0 ? of_first : of_others; }
  /// The weight of input i; 0 if it is not among them.
  constexpr float share(int i) const { return i < first || i >= first + count ? 0 : weight(i - first); }
};

/// An axis of `in` positions as `out` positions.
struct Resampling {
  Interpolation mode;
  int in, out;

  /// What output `to` is made of. Exact up to the rounding of the weights.
  constexpr Neighbors operator()(int to) const {
    const core::AdaptiveAxis area{in, out};
    switch (mode) {
      case Interpolation::nearest: return {area.begin(to)};
      case Interpolation::area: {
        const int count = area.end(to) - area.begin(to);
        return {area.begin(to), count, 1 / float(count), 1 / float(count)};
      }
      case Interpolation::aligned_corners: return between(long(to) * (in - 1), out > 1 ? out - 1 : 1);
      default: return between((2L * to + 1) * in - out, 2L * out);
    }
  }

  /// Outputs before and from which on none reads input `from`; those between may read it.
  constexpr int first_reader(int from) const { return from < 1 ? 0 : at_least_0((from - 1L) * out / in - 1); }
  constexpr int last_reader(int from) const {
    const long last = (from + 2L) * out / in + 2;
    return last < out ? int(last) : out;
  }

 private:
  static constexpr int at_least_0(long x) { return x < 0 ? 0 : int(x); }
  /// The inputs around position numerator / denominator, or the border's.
  constexpr Neighbors between(long numerator, long denominator) const {
    if (numerator <= 0) return {};
    const int low = int(numerator / denominator);
    if (low >= in - 1) return {in - 1};
    const float high_share = float(numerator - low * denominator) / float(denominator);
    return {low, 2, 1 - high_share, high_share};
  }
};

}  // namespace strata::graph

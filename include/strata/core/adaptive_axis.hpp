// SPDX-License-Identifier: MIT
// The windows of an adaptive pool along one axis: as many as its output is to have elements.
#pragma once

#include <strata/core/window.hpp>

namespace strata::core {

/// `out` windows that together cover `in` elements, as evenly as whole numbers allow; neighbors may overlap by one.
struct AdaptiveAxis {
  int in = 1, out = 1;  ///< at least 1

  /// Window o is [begin(o), end(o)): floor(o in / out) to ceil((o + 1) in / out).
  constexpr int begin(int o) const { return int(long(o) * in / out); }
  constexpr int end(int o) const { return int(((o + 1L) * in + out - 1) / out); }
  /// The windows that contain element i are [begin(i), end(i)) of this one.
  constexpr AdaptiveAxis readers() const { return {out, in}; }

  /// Whether all windows have one size and one distance, so that as_axis() has them too.
  constexpr bool is_regular() const {
    if (out > in) return false;
    const Axis axis = as_axis();
    for (int o = 0; o < out; o++)
      if (begin(o) != axis.source(o) || end(o) != axis.source(o) + axis.kernel) return false;
    return true;
  }
  constexpr Axis as_axis() const { return {end(0), out > 1 ? begin(1) : in}; }
};

}  // namespace strata::core

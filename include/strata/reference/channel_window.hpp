// SPDX-License-Identifier: MIT
// Sums over a window of channels, one image at a time.
#pragma once

#include <strata/core/window.hpp>
#include <strata/reference/map.hpp>

namespace strata::reference {

/// y[c] = the sum of x[c - before ... c + after]
inline void channel_window(const core::Axis& channels, Map x, Map y) {
  const int pixels = x.shape.pixels();
  Doubles sums(std::size_t(x.size()));
  for (int c = 0; c < x.shape.channels; c++)
    for (int k = 0; k < channels.kernel; k++) {
      const int from = channels.source(c, k);
      for (int p = 0; p < pixels && from >= 0 && from < x.shape.channels; p++)
        sums[std::size_t(long(c) * pixels + p)] += x[long(from) * pixels + p];
    }
  for (long e = 0; e < y.size(); e++) y[e] = sums[std::size_t(e)];
}

}  // namespace strata::reference

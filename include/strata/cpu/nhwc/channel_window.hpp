// SPDX-License-Identifier: MIT
// Sums over a window of channels.
#pragma once

#include <strata/cpu/nhwc/call.hpp>

namespace strata::cpu::nhwc {

STRATA_ONCE void channel_window(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// In both directions.
STRATA_ONCE void channel_window(const Call& call, core::Team& team) {
  const core::Axis& window = call.node->window.rows;
  const Shape map = call.node->out;
  const int channels = map.channels;
  for_each_row(team, call.images(), map.height, [&](int n, int r, int) {
    for (long p = long(r) * map.width; p < (r + 1L) * map.width; p++) {
      const float* const x = call.first(n) + p * channels;
      float* const y = call.y(n) + p * channels;
      std::fill_n(y, channels, 0.f);
      for (int k = 0; k < window.kernel; k++) {
        const int from = window.source(0, k), first = std::max(0, -from), last = std::min(channels, channels - from);
        if (first >= last) continue;
        sweep(
            last - first,
            [&](long i) {
              core::simd::storeu(y + first + i,
                                 core::simd::loadu(y + first + i) + core::simd::loadu(x + first + from + i));
            },
            [&](long i) { y[first + i] += x[first + from + i]; });
      }
    }
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

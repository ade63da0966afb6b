// SPDX-License-Identifier: MIT
// Sums over a window of channels.
#pragma once

#include <strata/cpu/lanes/call.hpp>

#include <algorithm>

namespace strata::cpu::lanes {

STRATA_ONCE void channel_window(const Call& call);

#if STRATA_HAS_BODIES

/// In both directions.
STRATA_ONCE void channel_window(const Call& call) {
  const Node& node = *call.node;
  const core::Axis& window = node.window.rows;
  const long plane = long(node.out.pixels()) * width;
  const float* const x = call.inputs.first();
  for (int c = 0; c < node.out.channels; c++) {
    const int first = std::max(0, window.source(c)),
              last = std::min(node.out.channels, window.source(c, window.kernel));
    for (long at = 0; at != plane; at += width) {
      Vector sum(0.f);
      for (int from = first; from < last; from++) sum = sum + core::simd::load(x + from * plane + at);
      core::simd::store(call.y + c * plane + at, sum);
    }
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

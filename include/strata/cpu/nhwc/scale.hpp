// SPDX-License-Identifier: MIT
// The product of two maps, or of a map and one number per channel, and its gradient.
#pragma once

#include <strata/cpu/nhwc/call.hpp>

namespace strata::cpu::nhwc {

STRATA_ONCE void scale(const Call& call, core::Team& team);
STRATA_ONCE void scale_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// y = x factor. y may be x, or a factor of its shape.
STRATA_ONCE void scale(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const bool per_channel = call.shapes[node.inputs.index(Input::factor)] != node.out;
  const long row = long(node.out.width) * node.out.channels;
  const long run = per_channel ? node.out.channels : row;  // floats after which factor repeats within the row
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    const float* factor = call.input(Input::factor, n) + (per_channel ? 0 : r * row);
    for (long at = r * row; at < (r + 1) * row; at += run) {
      const float* x = call.input(Input::x, n) + at;
      float* y = call.y(n) + at;
      sweep(
          run, [&](long i) { core::simd::storeu(y + i, core::simd::loadu(x + i) * core::simd::loadu(factor + i)); },
          [&](long i) { y[i] = x[i] * factor[i]; });
    }
  });
}

/// The gradient of a factor with one number per channel: dy x, summed over the pixels.
STRATA_ONCE void scale_gradient(const Call& call, core::Team& team) {
  const Shape map = call.node->in;
  team.for_each(call.images(), [&](int n, int) {
    float* sums = call.y(n);
    std::fill_n(sums, map.channels, 0.f);
    for (long at = 0; at < map.size(); at += map.channels) {
      const float *dy = call.input(Input::dy, n) + at, *x = call.input(Input::x, n) + at;
      sweep(
          map.channels,
          [&](long c) {
            core::simd::storeu(sums + c, core::simd::fma(core::simd::loadu(dy + c), core::simd::loadu(x + c),
                                                         core::simd::loadu(sums + c)));
          },
          [&](long c) { sums[c] += dy[c] * x[c]; });
    }
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

// SPDX-License-Identifier: MIT
// The product of two maps, or of a map and one number per channel, and its gradient.
#pragma once

#include <strata/cpu/nhwc/call.hpp>

namespace strata::cpu::nhwc {

/// y = a b. y may be a, or a b of its shape.
inline void scale(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const bool per_channel = call.shapes[node.inputs.index(Input::factor)] != node.out;
  const long row = long(node.out.width) * node.out.channels;
  const long run = per_channel ? node.out.channels : row;  // floats after which b repeats within the row
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    const float* b = call.input(Input::factor, n) + (per_channel ? 0 : r * row);
    for (long at = r * row; at < (r + 1) * row; at += run) {
      const float* a = call.input(Input::x, n) + at;
      float* y = call.y(n) + at;
      sweep(
          run, [&](long i) { core::simd::storeu(y + i, core::simd::loadu(a + i) * core::simd::loadu(b + i)); },
          [&](long i) { y[i] = a[i] * b[i]; });
    }
  });
}

/// The gradient of a factor with one number per channel: dy x, summed over the pixels.
inline void scale_gradient(const Call& call, core::Team& team) {
  const Shape map = call.node->in;
  team.for_each(call.images(), [&](int n, int) {
    float* db = call.y(n);
    std::fill_n(db, map.channels, 0.f);
    for (long at = 0; at < map.size(); at += map.channels) {
      const float *dy = call.input(Input::dy, n) + at, *a = call.input(Input::x, n) + at;
      sweep(
          map.channels,
          [&](long c) {
            core::simd::storeu(db + c, core::simd::fma(core::simd::loadu(dy + c), core::simd::loadu(a + c),
                                                       core::simd::loadu(db + c)));
          },
          [&](long c) { db[c] += dy[c] * a[c]; });
    }
  });
}

}  // namespace strata::cpu::nhwc

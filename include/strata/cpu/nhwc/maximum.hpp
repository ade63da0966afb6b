// SPDX-License-Identifier: MIT
// The larger of two maps, and its gradient.
#pragma once

#include <strata/cpu/nhwc/call.hpp>

namespace strata::cpu::nhwc {

STRATA_ONCE void larger(const Call& call, core::Team& team);
STRATA_ONCE void larger_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// y may be x or other.
STRATA_ONCE void larger(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const long row = long(node.out.width) * node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    const float *const a = call.input(Input::x, n) + r * row, *const b = call.input(Input::other, n) + r * row;
    float* const y = call.y(n) + r * row;
    sweep(
        row,
        [&](long i) {
          const Vector first = core::simd::loadu(a + i), second = core::simd::loadu(b + i);
          core::simd::storeu(y + i, core::simd::where_less(second, first, first, second));
        },
        [&](long i) { y[i] = a[i] > b[i] ? a[i] : b[i]; });
  });
}

/// dx = dy where x is larger, half of it where both are equal; dx may be dy.
STRATA_ONCE void larger_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const long row = long(node.out.width) * node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    const float *const dy = call.input(Input::dy, n) + r * row, *const a = call.input(Input::x, n) + r * row,
                       *const b = call.input(Input::other, n) + r * row;
    float* const dx = call.y(n) + r * row;
    sweep(
        row,
        [&](long i) {
          const Vector d = core::simd::loadu(dy + i), first = core::simd::loadu(a + i),
                       second = core::simd::loadu(b + i);
          const Vector half = core::simd::where_equal(first, second, d * Vector(0.5f), Vector(0.f));
          core::simd::storeu(dx + i, core::simd::where_less(second, first, d, half));
        },
        [&](long i) { dx[i] = a[i] > b[i]    ? dy[i]
                              : a[i] == b[i] ? dy[i] / 2
                                             : 0; });
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

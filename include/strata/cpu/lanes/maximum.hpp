// SPDX-License-Identifier: MIT
// The larger of two maps, and its gradient.
#pragma once

#include <strata/cpu/lanes/call.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void larger(const Call& call);
STRATA_ONCE void larger_gradient(const Call& call);

#if STRATA_HAS_BODIES

STRATA_ONCE void larger(const Call& call) {
  const long end = call.node->out.size() * width;
  const float *const a = call.inputs[Input::x], *const b = call.inputs[Input::other];
  for (long at = 0; at != end; at += width) {
    const Vector first = core::simd::load(a + at), second = core::simd::load(b + at);
    core::simd::store(call.y + at, core::simd::where_less(second, first, first, second));
  }
}

/// dx = dy where x is larger, half of it where both are equal.
STRATA_ONCE void larger_gradient(const Call& call) {
  const long end = call.node->out.size() * width;
  const float *const dy = call.inputs[Input::dy], *const a = call.inputs[Input::x],
                     *const b = call.inputs[Input::other];
  for (long at = 0; at != end; at += width) {
    const Vector d = core::simd::load(dy + at), first = core::simd::load(a + at), second = core::simd::load(b + at);
    const Vector half = core::simd::where_equal(first, second, d * Vector(0.5f), Vector(0.f));
    core::simd::store(call.y + at, core::simd::where_less(second, first, d, half));
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

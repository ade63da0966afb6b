// SPDX-License-Identifier: MIT
// ReLU with learned slopes, and its gradients.
#pragma once

#include <strata/cpu/lanes/shared.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void prelu(const Call& call);
STRATA_ONCE void prelu_input_gradient(const Call& call);
STRATA_ONCE void prelu_weight_gradient(const Call& call);

#if STRATA_HAS_BODIES

/// y = value where x > 0, else slope value.
inline void apply_slopes(const Call& call, const float* value) {
  const Node& node = *call.node;
  const float* const x = call.inputs[Input::x];
  const long plane = long(node.in.pixels()) * width;
  for (int c = 0; c < node.in.channels; c++) {
    const Vector slope(call.packed[shared_index(node, c, 0)]);
    for (long at = c * plane; at != (c + 1) * plane; at += width) {
      const Vector v = core::simd::load(value + at);
      core::simd::store(call.y + at, where_positive(core::simd::load(x + at), v, v * slope));
    }
  }
}

STRATA_ONCE void prelu(const Call& call) { apply_slopes(call, call.inputs[Input::x]); }
STRATA_ONCE void prelu_input_gradient(const Call& call) { apply_slopes(call, call.inputs[Input::dy]); }

/// partial: the slopes
STRATA_ONCE void prelu_weight_gradient(const Call& call) {
  const Node& node = *call.node;
  const float *const x = call.inputs[Input::x], *const dy = call.inputs[Input::dy];
  const long plane = long(node.in.pixels()) * width;
  for (int c = 0; c < node.in.channels; c++) {
    Vector sum(0.f);
    for (long at = c * plane; at != (c + 1) * plane; at += width) {
      const Vector value = core::simd::load(x + at);
      sum = sum + where_positive(value, Vector(0.f), value * core::simd::load(dy + at));
    }
    call.partial[shared_index(node, c, 0)] += core::simd::sum(sum);
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

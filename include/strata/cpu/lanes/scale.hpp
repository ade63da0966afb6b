// SPDX-License-Identifier: MIT
// The product of two maps, or of a map and one number per channel, and its gradient.
#pragma once

#include <strata/cpu/lanes/call.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void scale(const Call& call);
STRATA_ONCE void scale_gradient(const Call& call);

#if STRATA_HAS_BODIES

/// y = x factor
STRATA_ONCE void scale(const Call& call) {
  const Node& node = *call.node;
  const bool per_channel = call.nodes[node.inputs[Input::factor]].out != node.out;
  const long plane = long(node.out.pixels()) * width;
  const float *const x = call.inputs[Input::x], *factor = call.inputs[Input::factor];
  for (int c = 0; c < node.out.channels; c++, factor += per_channel ? width : plane)
    for (long at = 0; at != plane; at += width)
      core::simd::store(call.y + c * plane + at,
                        core::simd::load(x + c * plane + at) * core::simd::load(factor + (per_channel ? 0 : at)));
}

/// The gradient of a factor with one number per channel: dy x, summed over the pixels.
STRATA_ONCE void scale_gradient(const Call& call) {
  const Node& node = *call.node;
  const float *dy = call.inputs[Input::dy], *x = call.inputs[Input::x];
  for (int c = 0; c < node.in.channels; c++) {
    Vector total(0.f);
    for (int p = 0; p < node.in.pixels(); p++, dy += width, x += width)
      total = core::simd::fma(core::simd::load(dy), core::simd::load(x), total);
    core::simd::store(call.y + c * long(width), total);
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

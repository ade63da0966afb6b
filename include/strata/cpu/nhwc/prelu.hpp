// SPDX-License-Identifier: MIT
// ReLU with learned slopes, and its gradients.
#pragma once

#include <strata/cpu/nhwc/shared.hpp>

namespace strata::cpu::nhwc {

STRATA_ONCE void prelu(const Call& call, core::Team& team);
STRATA_ONCE void prelu_input_gradient(const Call& call, core::Team& team);
STRATA_ONCE void prelu_weight_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// y = value where x > 0, else slope value; y may be value.
inline void apply_slopes(const Call& call, core::Team& team, Input name) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  const float* const slope = call.packed;
  for_each_row(team, call.images(), node.in.height, [&](int n, int r, int) {
    for (long p = long(r) * node.in.width; p < (r + 1L) * node.in.width; p++) {
      const float *const x = call.input(Input::x, n) + p * channels, *const value = call.input(name, n) + p * channels;
      float* const y = call.y(n) + p * channels;
      sweep(
          channels,
          [&](long c) {
            const Vector v = core::simd::loadu(value + c);
            core::simd::storeu(y + c, where_positive(core::simd::loadu(x + c), v, v * core::simd::loadu(slope + c)));
          },
          [&](long c) { y[c] = where_positive(x[c], value[c], value[c] * slope[c]); });
    }
  });
}

STRATA_ONCE void prelu(const Call& call, core::Team& team) { apply_slopes(call, team, Input::x); }
STRATA_ONCE void prelu_input_gradient(const Call& call, core::Team& team) { apply_slopes(call, team, Input::dy); }

STRATA_ONCE void prelu_weight_gradient(const Call& call, core::Team& team) {
  const int channels = call.node->in.channels;
  sum_shared(call, team, [&](int n, long p, int, float*, float* product) {
    const float *const x = call.input(Input::x, n) + p * channels, *const dy = call.input(Input::dy, n) + p * channels;
    sweep(
        channels,
        [&](long c) {
          const Vector at = core::simd::loadu(x + c);
          core::simd::storeu(product + c, core::simd::loadu(product + c) +
                                              where_positive(at, Vector(0.f), at * core::simd::loadu(dy + c)));
        },
        [&](long c) { product[c] += where_positive(x[c], 0.f, x[c] * dy[c]); });
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

// SPDX-License-Identifier: MIT
// y[o] = b[o] + sum over i of w[o][i] x[i], and its gradient dx[i] = sum over o of w[o][i] dy[o]. A tile is dense_out
// outputs of one vector of images: enough independent chains of multiply-adds to hide their latency.
#pragma once

#include <strata/cpu/lanes/functor.hpp>
#include <strata/cpu/lanes/tile.hpp>

namespace strata::cpu::lanes {

constexpr long dense_tile_floats(long inputs) { return (inputs + 1) * dense_out; }
constexpr long packed_dense_floats(const Node& node) {
  return core::ceil_divide(node.out.size(), dense_out) * dense_tile_floats(node.in.size());
}

STRATA_ONCE void dense_input_gradient(const Call& call);

#if STRATA_HAS_BODIES

/// Packs, for each tile of outputs, dense_out biases, then dense_out weights per input. scale and bias may be null.
inline void pack_dense(const Node& node, const float* weights, const float* scale, const float* bias, float* to) {
  const long inputs = node.in.size(), outputs = node.out.size();
  for (long tile = 0; tile < outputs; tile += dense_out, to += dense_tile_floats(inputs))
    for (int j = 0; j < dense_out; j++) {
      const bool exists = tile + j < outputs;
      to[j] = exists && bias ? bias[tile + j] : 0;
      const float factor = exists && scale ? scale[tile + j] : 1;
      for (long i = 0; i < inputs; i++)
        to[(1 + i) * dense_out + j] = exists ? weights[(tile + j) * inputs + i] * factor : 0;
    }
}

#endif  // STRATA_HAS_BODIES

template <class F>
void dense(const Call& call) {
  const Node& node = *call.node;
  const int inputs = int(node.in.size()), outputs = int(node.out.size());
  const float* packed = call.packed;
  for (int o = 0; o < outputs; o += dense_out, packed += dense_tile_floats(inputs)) {
    Vector sum[dense_out];
    core::simd::unroll<dense_out>([&](auto j) STRATA_INLINE_LAMBDA { sum[j] = Vector(packed[j]); });
    multiply<dense_out>(call.inputs[Input::x], inputs, packed + dense_out, dense_out, sum);
    core::simd::unroll<dense_out>([&](auto j) STRATA_INLINE_LAMBDA {
      if (o + j < outputs) core::simd::store(call.y + (o + j) * width, F::f(sum[j]));
    });
  }
}

#if STRATA_HAS_BODIES

STRATA_ONCE void dense_input_gradient(const Call& call) {
  const Node& node = *call.node;
  const int outputs = int(node.in.size());
  const long inputs = node.out.size();
  const float *const dy = call.inputs[Input::dy], *const weights = call.parameter(node.weights);
  long i = 0;
  for (; i + dense_out <= inputs; i += dense_out) {
    Vector sum[dense_out];
    core::simd::unroll<dense_out>([&](auto j) STRATA_INLINE_LAMBDA { sum[j] = Vector(0.f); });
    multiply<dense_out>(dy, outputs, weights + i, inputs, sum);
    core::simd::unroll<dense_out>([&](auto j)
                                      STRATA_INLINE_LAMBDA { core::simd::store(call.y + (i + j) * width, sum[j]); });
  }
  for (; i < inputs; i++) {
    Vector sum[1] = {Vector(0.f)};
    multiply<1>(dy, outputs, weights + i, inputs, sum);
    core::simd::store(call.y + i * width, sum[0]);
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

// SPDX-License-Identifier: MIT
// A small dense layer whose bounds are all constants: as many outputs as a tile holds are summed at once, so that x is
// read once per group of outputs and the weights are one stream. Packed weights: bias[outputs], then [vector of
// inputs][output][lane] for each group.
#pragma once

#include <strata/cpu/nhwc/dense.hpp>
#include <strata/cpu/tiles.hpp>

#include <type_traits>

namespace strata::cpu::nhwc::fixed_shape {

/// The shape of a dense layer. Equal keys share one function.
struct DenseKey {
  Shape in{};
  int outputs = 0;

  constexpr int inputs() const { return int(in.size()); }
  constexpr int vectors() const { return core::ceil_divide(inputs(), width); }
  constexpr int groups() const { return core::ceil_divide(outputs, max_together); }
  constexpr int together() const { return core::ceil_divide(outputs, groups()); }  ///< outputs of a group
  constexpr long group_floats() const { return long(vectors()) * together() * width; }
  constexpr long packed_floats() const {
    return whole_lines(groups() * together()) + whole_lines(groups() * group_floats());
  }

  static constexpr int max_together = register_tiles.fixed_shape_sums;
};

template <DenseKey K, class F>
void dense(const Call& call, core::Team& team) {
  constexpr int together = K.together();
  team.for_each(call.images(), [&](int n, int) {
    const float* const x = call.input(Input::x, n);
    for (int g = 0; g < K.groups(); g++) {
      const float* w = call.packed + whole_lines(K.groups() * together) + g * K.group_floats();
      Vector sum[together];
      core::simd::unroll<together>([&](auto o) STRATA_INLINE_LAMBDA { sum[o] = Vector(0.f); });
      const auto add = [&](const float* from) STRATA_INLINE_LAMBDA {
        const Vector v = core::simd::loadu(from);
        core::simd::unroll<together>(
            [&](auto o) STRATA_INLINE_LAMBDA { sum[o] = core::simd::fma(v, core::simd::load(w + o * width), sum[o]); });
      };
      for (int i = 0; i < K.inputs() / width; i++, w += together * width) add(x + i * width);
      if constexpr (K.inputs() % width != 0) {
        alignas(64) float rest[width] = {};
        std::copy_n(x + K.inputs() / width * width, K.inputs() % width, rest);
        add(rest);
      }
      alignas(64) float y[whole_lines(together)] = {};
      core::simd::unroll<together>([&](auto o) STRATA_INLINE_LAMBDA { y[o] = core::simd::sum(sum[o]); });
      for (int o = 0; o < together; o++) y[o] += call.packed[g * together + o];
      if constexpr (!std::is_void_v<F>)
        for (int o = 0; o < int(whole_lines(together)); o += width)
          core::simd::store(y + o, F::f(core::simd::load(y + o)));
      std::copy_n(y, std::min(together, K.outputs - g * together), call.y(n) + g * together);
    }
  });
}

/// Packs weights [outputs][C H W], times the scale of a folded batch norm, for dense<K>. scale and bias may be null.
template <DenseKey K>
void pack_dense(const float* weights, const float* scale, const float* bias, float* to) {
  for (int o = 0; o < int(whole_lines(K.groups() * K.together())); o++) *to++ = bias && o < K.outputs ? bias[o] : 0;
  for (int g = 0; g < K.groups(); g++)
    for (int v = 0; v < K.vectors(); v++)
      for (int k = 0; k < K.together(); k++)
        for (int lane = 0; lane < width; lane++, to++) {
          const int o = g * K.together() + k, i = v * width + lane;
          const bool exists = o < K.outputs && i < K.inputs();
          *to = exists ? weights[long(o) * K.inputs() + planar(K.in, i)] * (scale ? scale[o] : 1.f) : 0.f;
        }
}

}  // namespace strata::cpu::nhwc::fixed_shape

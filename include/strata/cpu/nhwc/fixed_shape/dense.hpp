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
  Machine machine = this_machine;

  constexpr int inputs() const { return int(in.size()); }
  constexpr int vectors() const { return core::ceil_divide(inputs(), machine.lanes); }
  constexpr int groups() const { return core::ceil_divide(outputs, machine.tiles().fixed_shape_sums); }
  constexpr int together() const { return core::ceil_divide(outputs, groups()); }  ///< outputs of a group
  constexpr long group_floats() const { return long(vectors()) * together() * machine.lanes; }
  constexpr long packed_floats() const {
    return whole_lines(groups() * together()) + whole_lines(groups() * group_floats());
  }
};

template <DenseKey K, class F>
void dense(const Call& call, core::Team& team) {
  constexpr int together = K.together();
  team.for_each(call.images(), [&](int n, int) {
    const float* const x = call.input(Input::x, n);
    for (int g = 0; g < K.groups(); g++) {
      const float* w = call.packed + whole_lines(K.groups() * together) + g * K.group_floats();
      Vector sum[std::size_t(together)];
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
      alignas(64) float y[std::size_t(whole_lines(together))] = {};
      core::simd::unroll<together>([&](auto o) STRATA_INLINE_LAMBDA { y[o] = core::simd::sum(sum[o]); });
      for (int o = 0; o < together; o++) y[o] += call.packed[g * together + o];
      if constexpr (!std::is_void_v<F>)
        for (int o = 0; o < int(whole_lines(together)); o += width)
          core::simd::store(y + o, F::f(core::simd::load(y + o)));
      std::copy_n(y, std::min(together, K.outputs - g * together), call.y(n) + g * together);
    }
  });
}

/// Packs weights [outputs][C H W], times the scale of a folded batch norm, for dense<key>. scale and bias may be null.
inline void pack_dense(const DenseKey& key, const float* weights, const float* scale, const float* bias, float* to) {
  const int width = key.machine.lanes, together = key.together();
  for (int o = 0; o < int(whole_lines(key.groups() * together)); o++) *to++ = bias && o < key.outputs ? bias[o] : 0;
  for (int g = 0; g < key.groups(); g++)
    for (int v = 0; v < key.vectors(); v++)
      for (int k = 0; k < together; k++)
        for (int lane = 0; lane < width; lane++, to++) {
          const int o = g * together + k, i = v * width + lane;
          const bool exists = o < key.outputs && i < key.inputs();
          *to = exists ? weights[long(o) * key.inputs() + planar(key.in, i)] * (scale ? scale[o] : 1.f) : 0.f;
        }
}

}  // namespace strata::cpu::nhwc::fixed_shape

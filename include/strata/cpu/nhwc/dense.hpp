// SPDX-License-Identifier: MIT
// y[o] = f(b[o] + sum_i w[o][i] x[i]). Weights are in (C, H, W) order and images in (H, W, C) order. Packed:
// bias[outputs], then [output][H W C], each row padded with zeros to whole vectors. On a machine without vectors, the
// forward layer has [group of 16 outputs][H W C][output] instead, one stream, and rows of the outputs that are left.
#pragma once

#include <strata/cpu/nhwc/call.hpp>

namespace strata::cpu::nhwc {

constexpr long dense_row(long inputs) { return whole_lines(inputs); }
constexpr long dense_packed_floats(long inputs, int outputs) {
  return whole_lines(outputs) + outputs * dense_row(inputs);
}
/// The outputs of a group of the forward layer on a machine with vectors of `lanes` floats; 1: there are only rows.
constexpr int dense_group(int lanes) { return lanes == 1 ? 16 : 1; }

/// The (C, H, W) index of (H, W, C) element i.
constexpr long planar(Shape s, long i) { return i % s.channels * s.pixels() + i / s.channels; }

STRATA_ONCE void dense(const Call& call, core::Team& team);
STRATA_ONCE void dense_input_gradient(const Call& call, core::Team& team);
STRATA_ONCE void dense_weight_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

inline void pack_dense_row(Shape in, const float* weights, const float* scale, const float* bias, int o, int outputs,
                           float* to) {
  to[o] = bias ? bias[o] : 0;
  float* row = to + whole_lines(outputs) + o * dense_row(in.size());
  const float* from = weights + o * in.size();
  const float factor = scale ? scale[o] : 1.f;
  for (int c = 0; c < in.channels; c++)
    for (int p = 0; p < in.pixels(); p++) row[long(p) * in.channels + c] = from[long(c) * in.pixels() + p] * factor;
  std::fill(row + in.size(), row + dense_row(in.size()), 0.f);
}

/// The same for a machine whose groups have `group` outputs, if output o is in a full one.
inline void pack_dense_in_group(Shape in, const float* weights, const float* scale, const float* bias, int o,
                                int outputs, int group, float* to) {
  if (group == 1 || o >= outputs / group * group) return pack_dense_row(in, weights, scale, bias, o, outputs, to);
  to[o] = bias ? bias[o] : 0;
  float* const first = to + whole_lines(outputs) + o / group * group * dense_row(in.size()) + o % group;
  const float* from = weights + o * in.size();
  for (long i = 0; i < in.size(); i++) first[i * group] = from[planar(in, i)] * (scale ? scale[o] : 1.f);
}

/// `Outputs` dot products at once, sharing the loads of x.
template <int Outputs>
void dot_products(const float* x, long count, const float* rows, long row_floats, const float* bias, float* y) {
  Vector sum[std::size_t(Outputs)];
  core::simd::unroll<Outputs>([&](auto o) STRATA_INLINE_LAMBDA { sum[o] = Vector(0.f); });
  float rest[std::size_t(Outputs)] = {};
  long i = 0;
  for (; i + width <= count; i += width) {
    const Vector v = core::simd::loadu(x + i);
    core::simd::unroll<Outputs>([&](auto o) STRATA_INLINE_LAMBDA {
      sum[o] = core::simd::fma(v, core::simd::loadu(rows + o * row_floats + i), sum[o]);
    });
  }
  for (; i < count; i++)
    core::simd::unroll<Outputs>([&](auto o) STRATA_INLINE_LAMBDA { rest[o] += x[i] * rows[o * row_floats + i]; });
  core::simd::unroll<Outputs>([&](auto o) STRATA_INLINE_LAMBDA { y[o] = bias[o] + core::simd::sum(sum[o]) + rest[o]; });
}

/// The same for the outputs of a group.
template <int Outputs>
void dot_products_of_group(const float* x, long count, const float* w, const float* bias, float* y) {
  Vector sum[std::size_t(Outputs)];
  core::simd::unroll<Outputs>([&](auto o) STRATA_INLINE_LAMBDA { sum[o] = Vector(0.f); });
  for (const float* const end = x + count; x != end; x++, w += Outputs) {
    const Vector v(*x);
    core::simd::unroll<Outputs>([&](auto o)
                                    STRATA_INLINE_LAMBDA { sum[o] = core::simd::fma(v, Vector(w[o]), sum[o]); });
  }
  core::simd::unroll<Outputs>([&](auto o) STRATA_INLINE_LAMBDA { y[o] = bias[o] + core::simd::sum(sum[o]); });
}

STRATA_ONCE void dense(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  constexpr int group = dense_group(width), together = group > 1 ? group : 5;
  const int outputs = int(node.out.size()), parts = core::ceil_divide(outputs, together);
  const long inputs = node.in.size(), row = dense_row(inputs);
  const float* rows = call.packed + whole_lines(outputs);
  team.for_each(call.images() * parts, [&](int item, int) {
    const int n = item / parts, first = item % parts * together;
    float* y = call.y(n);
    if (first + together <= outputs && group > 1) {
      dot_products_of_group<group>(call.input(Input::x, n), inputs, rows + first * row, call.packed + first, y + first);
    } else if (first + together <= outputs) {
      dot_products<together>(call.input(Input::x, n), inputs, rows + first * row, row, call.packed + first, y + first);
    } else {
      for (int o = first; o < outputs; o++)
        dot_products<1>(call.input(Input::x, n), inputs, rows + o * row, row, call.packed + o, y + o);
    }
    if (node.epilogue.functor != graph::no_functor)
      call.functor().apply(y + first, std::min(together, outputs - first));
  });
}

/// dx = w^T dy
STRATA_ONCE void dense_input_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int outputs = int(node.in.size());
  const long inputs = node.out.size(), row = dense_row(inputs);
  team.for_each(call.images(), [&](int n, int) {
    float* dx = call.y(n);
    std::fill_n(dx, inputs, 0.f);
    for (int o = 0; o < outputs; o++) {
      const Vector dy(call.input(Input::dy, n)[o]);
      const float* w = call.packed + whole_lines(outputs) + o * row;
      sweep(
          inputs,
          [&](long i) {
            core::simd::storeu(dx + i, core::simd::fma(dy, core::simd::loadu(w + i), core::simd::loadu(dx + i)));
          },
          [&](long i) { dx[i] += call.input(Input::dy, n)[o] * w[i]; });
    }
  });
}

/// dw = dy x^T, db = dy. Each thread owns its outputs.
STRATA_ONCE void dense_weight_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int outputs = int(node.out.size());
  const long inputs = node.in.size();
  team.for_each(outputs, [&](int o, int slot) {
    float* sum = call.slot(slot);
    std::fill_n(sum, inputs, 0.f);
    double bias = 0;
    for (int n = 0; n < call.images(); n++) {
      const float dy = call.input(Input::dy, n)[o], *x = call.input(Input::x, n);
      const Vector all(dy);
      sweep(
          inputs,
          [&](long i) {
            core::simd::storeu(sum + i, core::simd::fma(all, core::simd::loadu(x + i), core::simd::loadu(sum + i)));
          },
          [&](long i) { sum[i] += dy * x[i]; });
      bias += dy;
    }
    float* to = call.step->gradients + node.weights + o * inputs;
    for (long i = 0; i < inputs; i++) {
      float& g = to[planar(node.in, i)];
      g = call.step->accumulate ? g + sum[i] : sum[i];
    }
    if (node.bias < 0) return;
    float& g = call.step->gradients[node.bias + o];
    g = float(call.step->accumulate ? g + bias : bias);
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

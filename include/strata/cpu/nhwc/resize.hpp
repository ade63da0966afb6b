// SPDX-License-Identifier: MIT
// Bilinear enlargement by an integer factor F, and its adjoint. Both variants are separable: an output row is a mix of
// at most two input rows, with weights that depend on its phase.
//   half_pixel:    source = (y + 1/2) / F - 1/2, clamped to the border
//   zero_extended: the transposed convolution of kernel 2F, taps 1 - |k + 1/2 - F| / F, stride F, crop F / 2
#pragma once

#include <strata/cpu/nhwc/call.hpp>

#include <cmath>

namespace strata::cpu::nhwc {

/// Output = weight[0] * input[at[0]] + weight[1] * input[at[1]]; a weight of 0 marks an unused input.
struct Mix {
  int at[2];
  float weight[2];
};

STRATA_ONCE void resize(const Call& call, core::Team& team);
STRATA_ONCE void resize_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// The mix of output position y, for an input of `size` positions.
inline Mix mix_of(int y, int factor, int size, graph::Interpolation mode) {
  const double source = (y + 0.5) / factor - 0.5;
  const int low = int(std::floor(source));
  const float high_share = float(source - low);
  Mix m{{low, low + 1}, {1 - high_share, high_share}};
  for (int k = 0; k < 2; k++) {
    if (m.at[k] >= 0 && m.at[k] < size) continue;
    if (mode == graph::Interpolation::zero_extended) m.weight[k] = 0;
    m.at[k] = m.at[k] < 0 ? 0 : size - 1;
  }
  return m;
}

STRATA_ONCE void resize(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  const long in_row = long(node.in.width) * channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int slot) {
    const Mix rows = mix_of(r, node.factor, node.in.height, node.mode);
    float* mixed = call.slot(slot);
    const float *top = call.input(Input::x, n) + rows.at[0] * in_row,
                *bottom = call.input(Input::x, n) + rows.at[1] * in_row;
    const Vector a(rows.weight[0]), b(rows.weight[1]);
    sweep(
        in_row,
        [&](long i) {
          core::simd::storeu(mixed + i,
                             core::simd::fma(a, core::simd::loadu(top + i), b * core::simd::loadu(bottom + i)));
        },
        [&](long i) { mixed[i] = rows.weight[0] * top[i] + rows.weight[1] * bottom[i]; });
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) {
      const Mix columns = mix_of(p, node.factor, node.in.width, node.mode);
      const float *left = mixed + long(columns.at[0]) * channels, *right = mixed + long(columns.at[1]) * channels;
      const Vector u(columns.weight[0]), v(columns.weight[1]);
      sweep(
          channels,
          [&](long c) {
            core::simd::storeu(y + c,
                               core::simd::fma(u, core::simd::loadu(left + c), v * core::simd::loadu(right + c)));
          },
          [&](long c) { y[c] = columns.weight[0] * left[c] + columns.weight[1] * right[c]; });
    }
  });
}

/// The adjoint: each row of dx gathers from the rows of dy that read it.
STRATA_ONCE void resize_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Shape in = node.out, out = node.in;  // of the forward node
  const int channels = in.channels;
  const long in_row = long(in.width) * channels;
  for_each_row(team, call.images(), in.height, [&](int n, int r, int) {
    float* dx = call.y(n) + r * in_row;
    std::fill_n(dx, in_row, 0.f);
    const int first = std::max(0, (r - 1) * node.factor), last = std::min(out.height, (r + 2) * node.factor);
    for (int y = first; y < last; y++) {
      const Mix rows = mix_of(y, node.factor, in.height, node.mode);
      const float share = (rows.at[0] == r ? rows.weight[0] : 0.f) + (rows.at[1] == r ? rows.weight[1] : 0.f);
      if (share == 0) continue;
      const float* dy = call.input(Input::dy, n) + long(y) * out.width * channels;
      for (int p = 0; p < out.width; p++, dy += channels) {
        const Mix columns = mix_of(p, node.factor, in.width, node.mode);
        for (int k = 0; k < 2; k++) {
          const float weight = share * columns.weight[k];
          if (weight == 0) continue;
          float* to = dx + long(columns.at[k]) * channels;
          const Vector w(weight);
          sweep(
              channels,
              [&](long c) {
                core::simd::storeu(to + c, core::simd::fma(w, core::simd::loadu(dy + c), core::simd::loadu(to + c)));
              },
              [&](long c) { to[c] += weight * dy[c]; });
        }
      }
    }
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

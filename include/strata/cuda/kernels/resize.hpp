// SPDX-License-Identifier: MIT
// Bilinear enlargement by an integer factor F, and its adjoint. Both flavors are separable, and a row of the enlarged
// map mixes at most two rows:
//   half_pixel:    source = (y + 1/2) / F - 1/2, clamped to the border
//   zero_extended: the transposed convolution of kernel 2F, taps 1 - |k + 1/2 - F| / F, stride F, crop F / 2
#pragma once

#include <strata/cuda/kernels/grid.hpp>
#include <strata/cuda/runtime/call.hpp>

namespace strata::cuda::kernels {

/// Position y of the enlarged axis = weight[0] x[at[0]] + weight[1] x[at[1]].
struct Mix {
  int at[2];
  float weight[2];

  STRATA_DEVICE Mix(int y, int factor, int size, graph::Interpolation mode) {
    const int numerator = 2 * y + 1 - factor, denominator = 2 * factor;  // of the source
    const int low = numerator < 0 ? -1 : numerator / denominator;
    weight[1] = float(numerator - low * denominator) / float(denominator);
    weight[0] = 1 - weight[1];
    at[0] = low, at[1] = low + 1;
    if (low < 0) at[0] = 0;
    if (low + 1 >= size) at[1] = size - 1;
    if (mode == graph::Interpolation::zero_extended && low < 0) weight[0] = 0;
    if (mode == graph::Interpolation::zero_extended && low + 1 >= size) weight[1] = 0;
  }
  /// The weight of x[i] in it.
  STRATA_DEVICE float share(int i) const { return (at[0] == i ? weight[0] : 0.f) + (at[1] == i ? weight[1] : 0.f); }
};

/// The positions [first, last) that may read position i, of `count` positions of the enlarged axis from `offset` on.
struct Readers {
  int first, last;

  STRATA_DEVICE Readers(int i, int factor, int offset, int count) {
    first = i * factor - (factor + 1) / 2 - offset;
    last = (i + 1) * factor + factor / 2 + 1 - offset;
    if (first < 0) first = 0;
    if (last > count) last = count;
  }
};

template <class T, int N>
struct ResizeMap {
  Grid<N> in, out;
  int factor;
  graph::Interpolation mode;
  const T* x;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    const Mix rows(p.row, factor, in.height, mode), columns(p.column, factor, in.width, mode);
    float sum[std::size_t(N)] = {};
    for (int u = 0; u < 2; u++)
      for (int v = 0; v < 2; v++) {
        float value[std::size_t(N)];
        load<N>(x + in.at(p.image, rows.at[u], columns.at[v], p.channel), value);
        for (int e = 0; e < N; e++) sum[e] += rows.weight[u] * columns.weight[v] * value[e];
      }
    store<N>(y + i * N, sum);
  }
};

/// Each position of dx gathers from the up to 2F x 2F positions of dy that read it.
template <class T, int N>
struct ResizeGradient {
  Grid<N> in, out;  ///< of dx, of dy
  int factor;
  graph::Interpolation mode;
  const T* dy;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = in(i);
    const Readers rows(p.row, factor, 0, out.height), columns(p.column, factor, 0, out.width);
    float sum[std::size_t(N)] = {};
    for (int r = rows.first; r < rows.last; r++) {
      const float row = Mix(r, factor, in.height, mode).share(p.row);
      if (row == 0) continue;
      for (int c = columns.first; c < columns.last; c++) {
        const float weight = row * Mix(c, factor, in.width, mode).share(p.column);
        if (weight == 0) continue;
        float value[std::size_t(N)];
        load<N>(dy + out.at(p.image, r, c, p.channel), value);
        for (int e = 0; e < N; e++) sum[e] += weight * value[e];
      }
    }
    store<N>(dx + i * N, sum);
  }
};

inline void resize(const Call& call) {
  const Node& node = *call.node;
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> out(node.out);
    for_each(call.stream, "resize", out.count(call.batch),
             ResizeMap<T, n>{Grid<n>(node.in), out, node.factor, node.mode,
                             static_cast<const T*>(call.inputs[Input::x]), static_cast<T*>(call.output)});
  });
}

inline void resize_gradient(const Call& call) {
  const Node& node = *call.node;
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> in(node.out);
    for_each(call.stream, "resize_gradient", in.count(call.batch),
             ResizeGradient<T, n>{in, Grid<n>(node.in), node.factor, node.mode,
                                  static_cast<const T*>(call.inputs[Input::dy]), static_cast<T*>(call.output)});
  });
}

}  // namespace strata::cuda::kernels

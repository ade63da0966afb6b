// SPDX-License-Identifier: MIT
// Maps of other rows and columns, and the adjoint, in which each position gathers from those that read it.
#pragma once

#include <strata/cuda/kernels/grid.hpp>
#include <strata/cuda/runtime/call.hpp>
#include <strata/graph/declared/resampling.hpp>

namespace strata::cuda::kernels {

template <class T, int N>
struct Resample {
  Grid<N> in, out;
  graph::Interpolation mode;
  const T* x;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    const graph::Neighbors rows = graph::Resampling{mode, in.height, out.height}(p.row),
                           columns = graph::Resampling{mode, in.width, out.width}(p.column);
    float sum[std::size_t(N)] = {};
    for (int u = 0; u < rows.count; u++)
      for (int v = 0; v < columns.count; v++) {
        float value[std::size_t(N)];
        load<N>(x + in.at(p.image, rows.first + u, columns.first + v, p.channel), value);
        for (int e = 0; e < N; e++) sum[e] += rows.weight(u) * columns.weight(v) * value[e];
      }
    store<N>(y + i * N, sum);
  }
};

template <class T, int N>
struct ResampleGradient {
  Grid<N> in, out;  ///< of dx, of dy
  graph::Interpolation mode;
  const T* dy;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = in(i);
    const graph::Resampling rows{mode, in.height, out.height}, columns{mode, in.width, out.width};
    float sum[std::size_t(N)] = {};
    for (int r = rows.first_reader(p.row); r < rows.last_reader(p.row); r++) {
      const float row = rows(r).share(p.row);
      if (row == 0) continue;
      for (int c = columns.first_reader(p.column); c < columns.last_reader(p.column); c++) {
        const float weight = row * columns(c).share(p.column);
        if (weight == 0) continue;
        float value[std::size_t(N)];
        load<N>(dy + out.at(p.image, r, c, p.channel), value);
        for (int e = 0; e < N; e++) sum[e] += weight * value[e];
      }
    }
    store<N>(dx + i * N, sum);
  }
};

inline void resample(const Call& call) {
  const Node& node = *call.node;
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> out(node.out);
    for_each(call.stream, "resample", out.count(call.batch),
             Resample<T, n>{Grid<n>(node.in), out, node.mode, static_cast<const T*>(call.inputs[Input::x]),
                            static_cast<T*>(call.output)});
  });
}

inline void resample_gradient(const Call& call) {
  const Node& node = *call.node;
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> in(node.out);
    for_each(call.stream, "resample_gradient", in.count(call.batch),
             ResampleGradient<T, n>{in, Grid<n>(node.in), node.mode, static_cast<const T*>(call.inputs[Input::dy]),
                                    static_cast<T*>(call.output)});
  });
}

}  // namespace strata::cuda::kernels

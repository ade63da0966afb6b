// SPDX-License-Identifier: MIT
// A max pool whose windows are as many as its output has pixels. Its gradient is two launches: the first records which
// pixel won each window; in the second, every position gathers from the windows that it won.
#pragma once

#include <strata/core/adaptive_axis.hpp>
#include <strata/cuda/kernels/grid.hpp>
#include <strata/cuda/kernels/workspace.hpp>

namespace strata::cuda::kernels {

/// The first maximum of each window; its pixel, in `won`, or its value, in `y`. The other is null.
template <class T, int N>
struct AdaptiveMaximum {
  Grid<N> in, out;
  const T* x;
  std::int32_t* won;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    const core::AdaptiveAxis rows{in.height, out.height}, columns{in.width, out.width};
    float most[std::size_t(N)] = {};
    std::int32_t best[std::size_t(N)] = {};
    bool any = false;
    for (int row = rows.begin(p.row); row < rows.end(p.row); row++)
      for (int column = columns.begin(p.column); column < columns.end(p.column); column++) {
        float value[std::size_t(N)];
        load<N>(x + in.at(p.image, row, column, p.channel), value);
        for (int e = 0; e < N; e++) {
          if (any && !(value[e] > most[e])) continue;
          most[e] = value[e];
          best[e] = row * in.width + column;
        }
        any = true;
      }
    if (y) store<N>(y + i * N, most);
    for (int e = 0; won && e < N; e++) won[i * N + e] = best[e];
  }
};

/// dx = the sum of dy over the windows that a position won.
template <class T, int N>
struct AdaptiveUnpool {
  Grid<N> in, out;  ///< of dx, of dy
  const T* dy;
  const std::int32_t* won;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = in(i);
    const core::AdaptiveAxis rows{out.height, in.height}, columns{out.width, in.width};  // of windows over a position
    const std::int32_t pixel = p.row * in.width + p.column;
    float sum[std::size_t(N)] = {};
    for (int row = rows.begin(p.row); row < rows.end(p.row); row++)
      for (int column = columns.begin(p.column); column < columns.end(p.column); column++) {
        const long at = out.at(p.image, row, column, p.channel);
        float value[std::size_t(N)];
        load<N>(dy + at, value);
        for (int e = 0; e < N; e++) sum[e] += won[at + e] == pixel ? value[e] : 0.f;
      }
    store<N>(dx + i * N, sum);
  }
};

/// One number for each element of dy, of shape `out`.
inline std::int32_t* take_adaptive_winners(WorkspaceAllocator& allocator, Shape out, int batch) {
  return allocator.take<std::int32_t>(batch * out.size());
}

inline void adaptive_max_pool(const Call& call) {
  const Node& node = *call.node;
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> out(node.out);
    for_each(call.stream, "adaptive_max_pool", out.count(call.batch),
             AdaptiveMaximum<T, n>{Grid<n>(node.in), out, static_cast<const T*>(call.inputs[Input::x]), nullptr,
                                   static_cast<T*>(call.output)});
  });
}

inline void adaptive_max_pool_gradient(const Call& call) {
  const Node& node = *call.node;
  WorkspaceAllocator allocator(call.workspace);
  std::int32_t* const won = take_adaptive_winners(allocator, node.in, call.batch);
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> in(node.out), out(node.in);
    for_each(call.stream, "adaptive_max_pool_winners", out.count(call.batch),
             AdaptiveMaximum<T, n>{in, out, static_cast<const T*>(call.inputs[Input::x]), won, nullptr});
    for_each(call.stream, "adaptive_max_pool_gradient", in.count(call.batch),
             AdaptiveUnpool<T, n>{in, out, static_cast<const T*>(call.inputs[Input::dy]), won,
                                  static_cast<T*>(call.output)});
  });
}

}  // namespace strata::cuda::kernels

// SPDX-License-Identifier: MIT
// Pools over windows, and their gradients. Padding never wins a maximum; in a mean it counts as zero and, where the
// node says so, in the divisor. A max pool may apply a batch norm, a bias and ReLU to x on the way, whose result is
// then never stored. Its gradient is two launches: the first records which tap won each window; in the second, every
// position gathers from the windows that it won.
#pragma once

#include <strata/cuda/kernels/affine.hpp>
#include <strata/cuda/kernels/workspace.hpp>

namespace strata::cuda::kernels {

using namespace functions;

/// y = max over the window of f(map(x) + residual), f being ReLU or the identity
template <class T, int N>
struct MaxPool {
  ChannelNumbers numbers;
  core::Window window;
  Grid<N> in, out;
  const T *x, *residual;
  T* y;
  bool relu;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    const ChannelMap<N> map(numbers, p.channel);
    float most[std::size_t(N)] = {};
    bool any = false;
    for_each_tap(window, in.height, in.width, p.row, p.column, [&](int, int row, int column) {
      const long at = in.at(p.image, row, column, p.channel);
      float value[std::size_t(N)], more[std::size_t(N)];
      load<N>(x + at, value);
      for (int e = 0; e < N; e++) value[e] = map(e, value[e]);
      if (residual) {
        load<N>(residual + at, more);
        for (int e = 0; e < N; e++) value[e] += more[e];
      }
      for (int e = 0; e < N; e++) most[e] = !any || value[e] > most[e] ? value[e] : most[e];
      any = true;
    });
    if (relu)
      for (int e = 0; e < N; e++) most[e] = maximum(most[e], 0.f);
    store<N>(y + i * N, most);
  }
};

inline void max_pool(const Call& call, const ChannelNumbers& numbers, const core::Window& window, Shape in,
                     const void* x, const void* residual, bool relu, void* y) {
  const Shape shape = call.node->out;
  with_pack(call.element, shape.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> out(shape);
    for_each(call.stream, "max_pool", out.count(call.batch),
             MaxPool<T, n>{numbers, window, Grid<n>(in), out, static_cast<const T*>(x), static_cast<const T*>(residual),
                           static_cast<T*>(y), relu});
  });
}

/// Which tap of each window holds the first maximum of map(x); `none` where the ReLU after it gives zero, and so has no
/// gradient.
template <class T, int N, class Tap>
struct Winners {
  static constexpr Tap none = Tap(-1);
  ChannelNumbers numbers;
  core::Window window;
  Grid<N> in, out;
  const T* x;
  Tap* won;
  bool relu;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    const ChannelMap<N> map(numbers, p.channel);
    float most[std::size_t(N)] = {};
    Tap best[std::size_t(N)] = {};
    bool any = false;
    for_each_tap(window, in.height, in.width, p.row, p.column, [&](int tap, int row, int column) {
      float value[std::size_t(N)];
      load<N>(x + in.at(p.image, row, column, p.channel), value);
      for (int e = 0; e < N; e++) {
        value[e] = map(e, value[e]);
        if (any && !(value[e] > most[e])) continue;
        most[e] = value[e];
        best[e] = Tap(tap);
      }
      any = true;
    });
    for (int e = 0; e < N; e++) won[i * N + e] = relu && !(most[e] > 0) ? none : best[e];
  }
};

/// dx = the sum of dy over the windows that a position won.
template <class T, int N, class Tap>
struct Unpool {
  core::Window window;
  Grid<N> in, out;  ///< of dx, of dy
  const T* dy;
  const Tap* won;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = in(i);
    float sum[std::size_t(N)] = {};
    for_each_window(window, out.height, out.width, p.row, p.column, [&](int tap, int row, int column) {
      const long at = out.at(p.image, row, column, p.channel);
      float value[std::size_t(N)];
      load<N>(dy + at, value);
      for (int e = 0; e < N; e++) sum[e] += won[at + e] == Tap(tap) ? value[e] : 0.f;
    });
    store<N>(dx + i * N, sum);
  }
};

/// A byte holds the tap index of any usual window; 255 is `none`.
constexpr bool taps_are_bytes(const core::Window& w) { return w.taps() <= 255; }
inline void* take_winners(WorkspaceAllocator& allocator, const core::Window& w, Shape out, int batch) {
  return taps_are_bytes(w) ? static_cast<void*>(allocator.take<std::uint8_t>(batch * out.size()))
                           : static_cast<void*>(allocator.take<std::int32_t>(batch * out.size()));
}

/// dx (shape `in`) from dy (shape `out`), where the pool's input is f(map(x)) and f is ReLU or the identity.
inline void max_pool_gradient(const Call& call, const ChannelNumbers& numbers, const core::Window& window, Shape in,
                              Shape out, const void* dy, const void* x, bool relu, void* winners, void* dx) {
  const auto launch = [&](auto zero, auto n, auto tap) {
    using T = decltype(zero);
    using Tap = decltype(tap);
    Tap* const won = static_cast<Tap*>(winners);
    const Grid<n> large(in), small(out);
    for_each(call.stream, "max_pool_winners", small.count(call.batch),
             Winners<T, n, Tap>{numbers, window, large, small, static_cast<const T*>(x), won, relu});
    for_each(call.stream, "max_pool_gradient", large.count(call.batch),
             Unpool<T, n, Tap>{window, large, small, static_cast<const T*>(dy), won, static_cast<T*>(dx)});
  };
  with_pack(call.element, in.channels, [&](auto zero, auto n) {
    if (taps_are_bytes(window)) launch(zero, n, std::uint8_t{});
    else launch(zero, n, std::int32_t{});
  });
}

template <class T, int N>
struct AveragePool {
  graph::AverageDivisor divisor;
  Grid<N> in, out;
  const T* x;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    float sum[std::size_t(N)] = {};
    for_each_tap(divisor.window, in.height, in.width, p.row, p.column, [&](int, int row, int column) {
      float value[std::size_t(N)];
      load<N>(x + in.at(p.image, row, column, p.channel), value);
      for (int e = 0; e < N; e++) sum[e] += value[e];
    });
    for (int e = 0; e < N; e++) sum[e] /= float(divisor(p.row, p.column));
    store<N>(y + i * N, sum);
  }
};

template <class T, int N>
struct AveragePoolGradient {
  graph::AverageDivisor divisor;
  Grid<N> in, out;  ///< of dx, of dy
  const T* dy;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = in(i);
    float sum[std::size_t(N)] = {};
    for_each_window(divisor.window, out.height, out.width, p.row, p.column, [&](int, int row, int column) {
      float value[std::size_t(N)];
      load<N>(dy + out.at(p.image, row, column, p.channel), value);
      for (int e = 0; e < N; e++) sum[e] += value[e] / float(divisor(row, column));
    });
    store<N>(dx + i * N, sum);
  }
};

inline void average_pool(const Call& call) {
  const Node& node = *call.node;
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> out(node.out);
    for_each(call.stream, "average_pool", out.count(call.batch),
             AveragePool<T, n>{graph::AverageDivisor(node, node.in), Grid<n>(node.in), out,
                               static_cast<const T*>(call.inputs[Input::x]), static_cast<T*>(call.output)});
  });
}

inline void average_pool_gradient(const Call& call) {
  const Node& node = *call.node;
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> in(node.out);
    for_each(call.stream, "average_pool_gradient", in.count(call.batch),
             AveragePoolGradient<T, n>{graph::AverageDivisor(node, node.out), in, Grid<n>(node.in),
                                       static_cast<const T*>(call.inputs[Input::dy]), static_cast<T*>(call.output)});
  });
}

}  // namespace strata::cuda::kernels

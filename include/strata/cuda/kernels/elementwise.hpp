// SPDX-License-Identifier: MIT
// Elementwise kernels over whole maps of any shape: copies, sums, ReLU; and dropout.
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/core/random.hpp>
#include <strata/cuda/kernels/grid.hpp>
#include <strata/cuda/runtime/call.hpp>

namespace strata::cuda::kernels {

using namespace functions;

template <class T, int N>
struct CopyAll {
  const T* x;
  T* y;

  STRATA_DEVICE void operator()(long i) const { copy_pack<N>(x + i * N, y + i * N); }
};

/// y = x; launches nothing if they are the same memory.
inline void copy(const Call& call, const void* x, void* y, long count) {
  if (x == y) return;
  with_pack(call.element, count, [&](auto zero, auto n) {
    using T = decltype(zero);
    for_each(call.stream, "copy", count / n, CopyAll<T, n>{static_cast<const T*>(x), static_cast<T*>(y)});
  });
}

/// y = x[0] + x[1] + ..., then ReLU. y may be any of them.
template <class T, int N>
struct AddAll {
  const T* x[graph::max_inputs];
  T* y;
  int inputs;
  bool relu;

  STRATA_DEVICE void operator()(long i) const {
    float sum[std::size_t(N)], next[std::size_t(N)];
    load<N>(x[0] + i * N, sum);
    for (int k = 1; k < graph::max_inputs; k++) {  // a constant bound: the pointers stay in parameter memory
      if (k >= inputs) break;
      load<N>(x[k] + i * N, next);
      for (int e = 0; e < N; e++) sum[e] += next[e];
    }
    if (relu)
      for (int e = 0; e < N; e++) sum[e] = maximum(sum[e], 0.f);
    store<N>(y + i * N, sum);
  }
};

inline void add_all(const Call& call, const void* const* x, int inputs, bool relu, void* y, long count) {
  with_pack(call.element, count, [&](auto zero, auto n) {
    using T = decltype(zero);
    AddAll<T, n> kernel{{}, static_cast<T*>(y), inputs, relu};
    for (int k = 0; k < inputs; k++) kernel.x[k] = static_cast<const T*>(x[k]);
    for_each(call.stream, inputs > 1 ? "sum" : "pointwise", count / n, kernel);
  });
}

/// dx = dy + residual where mask > 0, else 0. residual and mask may be null. dx may be dy or residual.
template <class T, int N>
struct JoinGradients {
  const T *dy, *residual, *mask;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    float sum[std::size_t(N)], next[std::size_t(N)];
    load<N>(dy + i * N, sum);
    if (residual) {
      load<N>(residual + i * N, next);
      for (int e = 0; e < N; e++) sum[e] += next[e];
    }
    if (mask) {
      load<N>(mask + i * N, next);
      for (int e = 0; e < N; e++) sum[e] = where_positive(next[e], sum[e], 0.f);
    }
    store<N>(dx + i * N, sum);
  }
};

inline void join_gradients(const Call& call, const char* name, const void* dy, const void* residual, const void* mask,
                           void* dx, long count) {
  with_pack(call.element, count, [&](auto zero, auto n) {
    using T = decltype(zero);
    for_each(call.stream, name, count / n,
             JoinGradients<T, n>{static_cast<const T*>(dy), static_cast<const T*>(residual),
                                 static_cast<const T*>(mask), static_cast<T*>(dx)});
  });
}

inline void relu_gradient(const Call& call, const void* dy, const void* y, void* dx, long count) {
  join_gradients(call, "pointwise_gradient", dy, nullptr, y, dx, count);
}

/// Joins an input gradient with the other path's gradient and the ReLU mask (graph/join_gradients.hpp).
inline void join(const Call& call, const void* product) {
  const Node& node = *call.node;
  join_gradients(call, "join_gradients", product, call.inputs[Input::residual], call.inputs[Input::mask], call.output,
                 call.batch * node.out.size());
}

/// Dropout and its gradient. The mask is drawn per (channel, row, column) of an image, or for what shares a draw, as in
/// every back end: an element is kept if a 24-bit random number is at least `least`.
template <class T, int N>
struct Dropout {
  Grid<N> grid;
  graph::Draws draws;
  const T* x;
  T* y;
  const StepNumbers* numbers;
  std::uint64_t layer;
  std::uint32_t least;
  float scale;

  STRATA_DEVICE void operator()(long i) const {
    const std::uint64_t seed = core::mix(numbers->seed, layer);
    const Place p = grid(i);
    std::uint64_t draw = draws(p.image, p.channel, long(p.row) * grid.width + p.column);
    float value[std::size_t(N)];
    load<N>(x + i * N, value);
    for (int e = 0; e < N; e++, draw += draws.per_channel)
      value[e] = core::mix(seed, draw) >> 40 >= least ? value[e] * scale : 0.f;
    store<N>(y + i * N, value);
  }
};

inline void dropout(const Call& call) {
  const Node& node = *call.node;
  const double bound = node.probability * 0x1p24;
  const auto whole = std::uint32_t(bound);
  const std::uint32_t least = whole + (double(whole) < bound);
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> grid(node.out);
    for_each(call.stream, "dropout", grid.count(call.batch),
             Dropout<T, n>{grid, graph::Draws(node.share, node.out), static_cast<const T*>(call.inputs.first()),
                           static_cast<T*>(call.output), call.numbers, std::uint64_t(node.layer), least,
                           float(1 / (1 - node.probability))});
  });
}

}  // namespace strata::cuda::kernels

// SPDX-License-Identifier: MIT
// The larger of two maps, and its gradient.
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/cuda/kernels/grid.hpp>
#include <strata/cuda/runtime/call.hpp>

namespace strata::cuda::kernels {

using namespace functions;

/// y may be x or other.
template <class T, int N>
struct Larger {
  const T *x, *other;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    float first[std::size_t(N)], second[std::size_t(N)];
    load<N>(x + i * N, first);
    load<N>(other + i * N, second);
    for (int e = 0; e < N; e++) first[e] = maximum(first[e], second[e]);
    store<N>(y + i * N, first);
  }
};

inline void larger(const Call& call) {
  const long count = call.batch * call.node->out.size();
  with_pack(call.element, count, [&](auto zero, auto n) {
    using T = decltype(zero);
    for_each(call.stream, "maximum", count / n,
             Larger<T, n>{static_cast<const T*>(call.inputs[Input::x]),
                          static_cast<const T*>(call.inputs[Input::other]), static_cast<T*>(call.output)});
  });
}

/// dx = dy where x is larger, half of it where both are equal; dx may be dy.
template <class T, int N>
struct LargerGradient {
  const T *dy, *x, *other;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    float d[std::size_t(N)], first[std::size_t(N)], second[std::size_t(N)];
    load<N>(dy + i * N, d);
    load<N>(x + i * N, first);
    load<N>(other + i * N, second);
    for (int e = 0; e < N; e++) d[e] *= first[e] > second[e] ? 1.f : first[e] == second[e] ? 0.5f : 0.f;
    store<N>(dx + i * N, d);
  }
};

inline void larger_gradient(const Call& call) {
  const long count = call.batch * call.node->out.size();
  with_pack(call.element, count, [&](auto zero, auto n) {
    using T = decltype(zero);
    for_each(call.stream, "maximum_gradient", count / n,
             LargerGradient<T, n>{static_cast<const T*>(call.inputs[Input::dy]),
                                  static_cast<const T*>(call.inputs[Input::x]),
                                  static_cast<const T*>(call.inputs[Input::other]), static_cast<T*>(call.output)});
  });
}

}  // namespace strata::cuda::kernels

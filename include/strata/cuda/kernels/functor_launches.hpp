// SPDX-License-Identifier: MIT
// The functors of a user's network on the device: device_functor<F>() makes an entry of Call::functors. F's f and df
// are marked STRATA_DEVICE and compute in floats.
#pragma once

#include <strata/cuda/kernels/pack.hpp>
#include <strata/cuda/runtime/call.hpp>
#include <strata/spec/functor.hpp>

namespace strata::cuda {

namespace kernels {

/// x = f(x)
template <class F, class T, int N>
struct ApplyFunctor {
  T* x;
  STRATA_DEVICE void operator()(long i) const {
    float value[std::size_t(N)];
    load<N>(x + i * N, value);
    for (int e = 0; e < N; e++) value[e] = F::f(value[e]);
    store<N>(x + i * N, value);
  }
};

/// dy = dy f'(v)
template <class F, class T, int N>
struct ScaleByFunctor {
  T* dy;
  const T* v;
  STRATA_DEVICE void operator()(long i) const {
    float left[std::size_t(N)], value[std::size_t(N)];
    load<N>(dy + i * N, left);
    load<N>(v + i * N, value);
    for (int e = 0; e < N; e++) left[e] *= F::df(value[e]);
    store<N>(dy + i * N, left);
  }
};

}  // namespace kernels

template <class F>
DeviceFunctor device_functor() {
  DeviceFunctor functor;
  functor.reads_input = F::needs == Needs::input;
  functor.apply = [](const Call& call, void* x, long count) {
    kernels::with_pack(call.element, count, [&](auto zero, auto n) {
      using T = decltype(zero);
      for_each(call.stream, F::name, count / n, kernels::ApplyFunctor<F, T, n>{static_cast<T*>(x)});
    });
  };
  functor.scale = [](const Call& call, void* dy, const void* v, long count) {
    kernels::with_pack(call.element, count, [&](auto zero, auto n) {
      using T = decltype(zero);
      for_each(call.stream, F::name, count / n,
               kernels::ScaleByFunctor<F, T, n>{static_cast<T*>(dy), static_cast<const T*>(v)});
    });
  };
  return functor;
}

}  // namespace strata::cuda

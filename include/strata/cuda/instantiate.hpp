// SPDX-License-Identifier: MIT
// STRATA_INSTANTIATE_CUDA(Net), at namespace scope in one .cu of the program: compiles the network's device code.
#pragma once

#include <strata/cuda/kernels/functor_launches.hpp>
#include <strata/cuda/kernels/whole_network.hpp>
#include <strata/cuda/planning/options.hpp>

namespace strata::cuda {

/// The launches of a network's functors.
template <class List>
struct FunctorLaunches;
template <class... F>
struct FunctorLaunches<spec::type_list<F...>> {
  static inline const DeviceFunctor table[] = {device_functor<F>()...};
};

/// What STRATA_INSTANTIATE_CUDA compiles for a network.
template <class Net>
DeviceCode compiled_device_code() {
  return {FunctorLaunches<graph::functors<Net>>::table, whole_launch<Net, graph::plan_options<>()>()};
}

}  // namespace strata::cuda

#define STRATA_INSTANTIATE_CUDA(...)                                  \
  template <>                                                         \
  strata::cuda::DeviceCode strata::cuda::device_code<__VA_ARGS__>() { \
    return compiled_device_code<__VA_ARGS__>();                       \
  }

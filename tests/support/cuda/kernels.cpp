// SPDX-License-Identifier: MIT
// The library's own kernels and the functors of their tests, compiled once: for the host, or by nvcc (support/ptx).
#include "kernels.hpp"

#include <strata/cuda/kernels/define_kernels.hpp>
#include <strata/cuda/kernels/functor_launches.hpp>

const strata::cuda::DeviceFunctor* strata::testing::device_functors() {
  static const cuda::DeviceFunctor table[] = {cuda::device_functor<spec::relu>(), cuda::device_functor<spec::gelu>(),
                                              cuda::device_functor<spec::sigmoid>()};
  return table;
}

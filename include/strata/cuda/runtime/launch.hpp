// SPDX-License-Identifier: MIT
// Own kernels: a kernel is a small struct of pointers and numbers with `void operator()(long i) const`, called once for
// each i in [0, count), concurrently and in any order; items share only what they read. A reduction is several
// launches, parts first and then the parts in order, so that results do not depend on the device. If the file is not
// compiled by nvcc, the same code runs on the CPU: the stand-in for CUDA's runtime then executes the launch
// (tests/support/cuda).
#pragma once

#include <strata/core/device.hpp>
#include <strata/core/divide.hpp>
#include <strata/cuda/runtime/runtime.hpp>

#include <utility>
#if !defined(__CUDACC__)
#include <functional>
#include <vector>
#endif

namespace strata::cuda {

inline constexpr int threads_per_block = 256;
/// The blocks of a launch over `count` items; beyond the limit, further items follow in a grid-stride loop.
constexpr long blocks_for(long count) {
  const long blocks = core::ceil_divide(count, long(threads_per_block)), most = 1 << 16;
  return blocks < most ? blocks : most;
}

#if defined(__CUDACC__)

template <class Kernel>
__global__ void each_of(Kernel kernel, long count) {
  for (long i = blockIdx.x * long(blockDim.x) + threadIdx.x; i < count; i += long(gridDim.x) * blockDim.x) kernel(i);
}

template <class Kernel>
void for_each(Stream stream, const char* name, long count, const Kernel& kernel) {
  if (count <= 0) return;
  each_of<<<unsigned(blocks_for(count)), threads_per_block, 0, stream>>>(kernel, count);
  check_launch(name);
}

/// A kernel in phases: the threads of a block share `Kernel::shared_floats` floats and synchronize after each phase.
template <class Kernel, int... Phase>
__device__ void phases_of(const Kernel& kernel, float* shared, std::integer_sequence<int, Phase...>) {
  ((kernel.template phase<Phase>(long(blockIdx.x), int(threadIdx.x), int(blockDim.x), shared), __syncthreads()), ...);
}
template <class Kernel>
__global__ void each_block_of(Kernel kernel) {
  __shared__ float shared[Kernel::shared_floats];
  phases_of(kernel, shared, std::make_integer_sequence<int, Kernel::phases>{});
}

template <class Kernel>
void for_each_block(Stream stream, const char* name, long blocks, const Kernel& kernel) {
  if (blocks <= 0) return;
  each_block_of<<<unsigned(blocks), Kernel::threads, 0, stream>>>(kernel);
  check_launch(name);
}

#else

/// Provided by the stand-in for CUDA's runtime: runs the work in stream order. `arguments`: the kernel's bytes, which
/// contain its pointers.
void launch_on_host(Stream stream, const char* name, std::function<void()> work, const void* arguments, long bytes);

/// The same for a kernel. Padding between its members may hold half of a stale pointer; clears it if the compiler can.
template <class Kernel>
void launch_work_on_host(Stream stream, const char* name, std::function<void()> work, Kernel kernel) {
#if __has_builtin(__builtin_clear_padding)
  __builtin_clear_padding(&kernel);
#endif
  launch_on_host(stream, name, std::move(work), &kernel, long(sizeof kernel));
}

template <class Kernel>
void for_each(Stream stream, const char* name, long count, const Kernel& kernel) {
  if (count <= 0) return;
  launch_work_on_host(
      stream, name,
      [=] {
        for (long i = 0; i < count; i++) kernel(i);
      },
      kernel);
}

template <class Kernel>
void for_each_block(Stream stream, const char* name, long blocks, const Kernel& kernel) {
  if (blocks <= 0) return;
  const auto work = [=] {
    std::vector<float> shared(Kernel::shared_floats);
    for (long block = 0; block < blocks; block++) [&]<int... Phase>(std::integer_sequence<int, Phase...>) {
        const auto run = [&]<int P>(std::integral_constant<int, P>) {
          for (int i = 0; i < Kernel::threads; i++) {
            const int thread =
                block % 2 ? Kernel::threads - 1 - i : i;  // both orders: threads are independent within a phase
            kernel.template phase<P>(block, thread, Kernel::threads, shared.data());
          }
        };
        (run(std::integral_constant<int, Phase>{}), ...);
      }
    (std::make_integer_sequence<int, Kernel::phases>{});
  };
  launch_work_on_host(stream, name, work, kernel);
}

#endif

}  // namespace strata::cuda

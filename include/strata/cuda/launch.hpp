// SPDX-License-Identifier: MIT
// Own kernels: a kernel is a small struct of pointers and numbers with `void operator()(long i) const`, called once for each i
// in [0, count), in any order and at once; items share nothing but what they read. Reductions are two launches: parts, then
// the parts in order, so that results do not depend on the device. The same code runs on a CPU where the file is not compiled
// by nvcc: there the runtime that stands in for CUDA's takes the launch (tests/support/cuda).
#pragma once

#include <strata/core/device.hpp>
#include <strata/cuda/library.hpp>

#include <cuda_runtime_api.h>

#if !defined(__CUDACC__)
#include <functional>
#include <type_traits>
#include <utility>
#endif

namespace strata::cuda {

/// What a launch is called in errors: cudaError_t to a sentence, thrown as Error (runtime.hpp).
void check_launch(const char* kernel);

#if defined(__CUDACC__)

template <class Kernel>
__global__ void each_of(Kernel kernel, long count) {
  for (long i = blockIdx.x * long(blockDim.x) + threadIdx.x; i < count; i += long(gridDim.x) * blockDim.x) kernel(i);
}

template <class Kernel>
void for_each(Stream stream, const char* name, long count, const Kernel& kernel) {
  if (count <= 0) return;
  constexpr int threads = 256;
  constexpr long most_blocks = 1 << 16;  // further items follow by stride
  const long blocks = (count + threads - 1) / threads;
  each_of<<<unsigned(blocks < most_blocks ? blocks : most_blocks), threads, 0, stream>>>(kernel, count);
  check_launch(name);
}

#else

/// Provided by whoever stands in for CUDA: runs the work in the order of the stream. `arguments`: the kernel's bytes, in which
/// its pointers stand.
void launch_on_host(Stream stream, const char* name, std::function<void()> work, const void* arguments, long bytes);

/// The same of a kernel; what lies between its members may be the rest of a pointer, and is cleared where the compiler can.
template <class Kernel>
void launch_on_host(Stream stream, const char* name, std::function<void()> work, Kernel kernel) {
  static_assert(std::is_trivially_copyable_v<Kernel>, "a kernel is copied to the device byte by byte");
#if defined(__has_builtin)
#if __has_builtin(__builtin_clear_padding)
  __builtin_clear_padding(&kernel);
#endif
#endif
  launch_on_host(stream, name, std::move(work), &kernel, long(sizeof kernel));
}

template <class Kernel>
void for_each(Stream stream, const char* name, long count, const Kernel& kernel) {
  if (count <= 0) return;
  launch_on_host(stream, name, [=] { for (long i = 0; i < count; i++) kernel(i); }, kernel);
}

#endif

}  // namespace strata::cuda

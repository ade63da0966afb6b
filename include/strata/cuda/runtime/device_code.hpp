// SPDX-License-Identifier: MIT
// The device code of a network: its functors and, if the network is small, its inference as one kernel. Declared for
// every file; STRATA_INSTANTIATE_CUDA(Net) (instantiate.hpp) defines it in one .cu.
#pragma once

#include <strata/cuda/runtime/call.hpp>

namespace strata::cuda {

/// What the kernel of a whole network reads and writes, in device memory.
struct WholeArguments {
  const void* images = nullptr;
  bool images_are_bytes = false;
  const float* buffers = nullptr;
  const unsigned char* folded = nullptr;
  float* result = nullptr;  ///< [batch][H][W][C]
};
using WholeLaunch = void (*)(Stream stream, int batch, const WholeArguments& arguments);

struct DeviceCode {
  const DeviceFunctor* functors = nullptr;  ///< in the order of functors<Net>
  WholeLaunch whole = nullptr;              ///< for Cuda's default options; null: too large, or an unsupported node
};

template <class Net>
DeviceCode device_code();

}  // namespace strata::cuda

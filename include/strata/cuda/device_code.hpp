// SPDX-License-Identifier: MIT
// What of a network is compiled for the device: its functors, and its inference as one kernel where it is small. Declared for
// every file; STRATA_INSTANTIATE_CUDA(Net) (instantiate.hpp) defines it in one .cu.
#pragma once

#include <strata/cuda/call.hpp>

namespace strata::cuda {

/// What the kernel of a whole network reads and writes; memory of the device.
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
  WholeLaunch whole = nullptr;              ///< for plans of Cuda's own options; null: the network is too large for it
};

template <class Net>
DeviceCode device_code();

}  // namespace strata::cuda

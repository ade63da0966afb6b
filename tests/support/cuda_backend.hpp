// SPDX-License-Identifier: MIT
// The GPU back end for any network: what a .cu file instantiates for a network is compiled here for the host.
#pragma once

#include <strata/cuda/instantiate.hpp>

#include "gpu_backend.hpp"

namespace strata::cuda {

template <class Net>
DeviceCode device_code() {
  return compiled_device_code<Net>();
}

}  // namespace strata::cuda

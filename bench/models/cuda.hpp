// SPDX-License-Identifier: MIT
// A workload on a GPU, with the device memory that it uses.
#pragma once

#include <strata/cuda.hpp>

#include "workload.hpp"

namespace strata::bench {

template <class Make>
Workload on_device(Make make) {
  cuda::Device::current();  // allocates CUDA's own memory
  const long before = cuda::Device::free_bytes();
  Workload work = make();
  work.device_bytes = [before] { return before - cuda::Device::free_bytes(); };
  return work;
}

}  // namespace strata::bench

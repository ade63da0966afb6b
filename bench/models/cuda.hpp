// SPDX-License-Identifier: MIT
// A workload on a GPU: the same, with what it takes of the device's memory.
#pragma once

#include <strata/cuda.hpp>

#include "workload.hpp"

namespace strata::bench {

template <class Make>
Workload on_device(Make make) {
  cuda::Device::current();  // what CUDA itself takes is taken by now
  const long before = cuda::Device::free_bytes();
  Workload work = make();
  work.device_bytes = [before] { return before - cuda::Device::free_bytes(); };
  return work;
}

}  // namespace strata::bench

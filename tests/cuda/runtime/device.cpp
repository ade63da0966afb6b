// SPDX-License-Identifier: MIT
// The name and the memory of a device, and which device a process uses.
#include <strata/cuda/runtime/device.hpp>

#include "../../support/cuda/library.hpp"
#include "../../support/cuda/recording_runtime.hpp"
#include "../../support/refusal.hpp"

#include <doctest/doctest.h>

#include <cstdlib>

namespace cuda_runtime_device {

using namespace strata;
using namespace strata::testing;

TEST_CASE("a device reports its driver's name and memory, and what was allocated of it") {
  device::begin({.count = 2, .memory_bytes = 3L << 30});
  const cuda::Device first = cuda::Device::numbered(0);
  const cuda::Device second = cuda::Device::numbered(1);
  CHECK(first.name() == "stand-in device 0");
  CHECK(second.name() == "stand-in device 1");
  const cuda::DeviceMemory taken(1 << 20);
  CHECK(second.memory_bytes() == 3L << 30);
  CHECK(cuda::Device::free_bytes() == (3L << 30) - (1 << 20));

  device::fail_next("cudaGetDeviceProperties", cudaErrorUnknown);
  CHECK(refuses([&] { second.name(); }, "CUDA: cudaGetDeviceProperties (device 1) failed: ", "cudaErrorUnknown"));
}

TEST_CASE("the number of the process's device is known before anything is made on it") {
  device::begin({.count = 3});
  ::unsetenv("STRATA_CUDA_DEVICE");
  CHECK(cuda::Device::chosen() == 0);
  ::setenv("STRATA_CUDA_DEVICE", "2", 1);
  CHECK(cuda::Device::chosen() == 2);
  CHECK(device::living_handles() == 0);
  ::setenv("STRATA_CUDA_DEVICE", "3", 1);
  CHECK(refuses([] { cuda::Device::chosen(); }, "CUDA: STRATA_CUDA_DEVICE is \"3\"",
                "but this machine has the devices 0 to 2"));
  ::unsetenv("STRATA_CUDA_DEVICE");
  ::setenv("STRATA_CUDA_DEVICES", "1,2", 1);
  CHECK(cuda::Device::chosen() == 1);
  ::unsetenv("STRATA_CUDA_DEVICES");
  device::begin({.driver_version = 0});
  CHECK(refuses([] { cuda::Device::chosen(); }, "CUDA: ", "there is no NVIDIA driver on this machine"));
}

}  // namespace cuda_runtime_device

// SPDX-License-Identifier: MIT
#include <strata/cuda/runtime/device_choice.hpp>

#include <doctest/doctest.h>

#include "../../support/refusal.hpp"

namespace cuda_runtime_device_choice {

using namespace strata;
using namespace strata::testing;
using cuda::chosen_device;
using cuda::chosen_devices;

namespace {

/// Sets the two variables; null: unset.
void environment(const char* devices, const char* device = nullptr) {
  const auto set = [](const char* name, const char* value) {
    if (value) ::setenv(name, value, 1);
    else ::unsetenv(name);
  };
  set("STRATA_CUDA_DEVICES", devices), set("STRATA_CUDA_DEVICE", device);
}

}  // namespace

TEST_CASE("the devices of a training are named, or all are taken") {
  for (const char* all : {static_cast<const char*>(nullptr), "", "all"}) {
    environment(all);
    CHECK(chosen_devices(3) == std::vector{0, 1, 2});
  }
  environment("2,0");
  CHECK(chosen_devices(3) == std::vector{2, 0});
  for (const char* wrong : {"3", "0,", ",0", "0,,1", "-1", "0 1", "one", " 0"}) {
    environment(wrong);
    CHECK(
        refusal([] { chosen_devices(3); }) ==
        core::sentence("CUDA: STRATA_CUDA_DEVICES is \"", wrong,
                       "\", but this machine has the devices 0 to 2; give some of them, separated by commas, or all"));
  }
  environment("1,0,1");
  CHECK(refusal([] { chosen_devices(3); }) ==
        "CUDA: STRATA_CUDA_DEVICES is \"1,0,1\" and names device 1 twice; name each once");
}

TEST_CASE("the device of everything else is named, or the first of those of a training") {
  environment(nullptr);
  CHECK(chosen_device(3) == 0);
  environment("2,0");
  CHECK(chosen_device(3) == 2);  // so that each process of a training validates on a device of its own
  environment("2,0", "1");
  CHECK(chosen_device(3) == 1);
  for (const char* wrong : {"3", "-1", "one", "1,2", " 1"}) {
    environment("2", wrong);
    CHECK(refusal([] { chosen_device(3); }) ==
          core::sentence("CUDA: STRATA_CUDA_DEVICE is \"", wrong,
                         "\", but this machine has the devices 0 to 2; give one of them"));
  }
  environment(nullptr);
}

}  // namespace cuda_runtime_device_choice

// SPDX-License-Identifier: MIT
// The device code of the networks of networks.cpp, in the same order.
#include <strata/cuda/instantiate.hpp>
#include <strata/models/digits.hpp>

#include <vector>

#include "../../tests/support/layer_cases.hpp"

namespace gpu_check {

std::vector<strata::cuda::DeviceCode> device_codes() {
  using namespace strata;
  std::vector<cuda::DeviceCode> out{cuda::compiled_device_code<models::Digits<>>()};
  testing::for_each_list([&](const char*, auto cases) {
    testing::for_each_case(cases, [&]<class Net>() { out.push_back(cuda::compiled_device_code<Net>()); });
  });
  return out;
}

}  // namespace gpu_check

// SPDX-License-Identifier: MIT
// The kernels of whole_network_cases.hpp, compiled once: for the host, or by nvcc (support/ptx).
#include <strata/cuda/instantiate.hpp>

#include "network_code.hpp"
#include "whole_network_cases.hpp"

namespace strata::cuda {

template <class Net>
DeviceCode device_code() {
  return compiled_device_code<Net>();
}

}  // namespace strata::cuda

namespace strata::testing {

extern const MakeCode* const whole_network_code;
const MakeCode* const whole_network_code = code_of(WholeNetworkCases{});

}  // namespace strata::testing

// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: transposed and depthwise convolutions, dense.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("transposed and depthwise convolutions, dense") {
  for_each_case(OtherLinearCases{}, []<class Net>() { check_gpu<Net>(); });
}

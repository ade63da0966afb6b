// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: convolutions.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("convolutions") {
  for_each_case(ConvolutionCases{}, []<class Net>() { check_gpu<Net>(); });
}

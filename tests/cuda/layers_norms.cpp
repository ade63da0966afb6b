// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: batch norm and what is fused with it.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("batch norm and what is fused with it") {
  for_each_case(NormCases{}, []<class Net>() { check_gpu<Net>(); });
}

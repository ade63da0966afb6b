// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: pools.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("pools") {
  for_each_case(PoolCases{}, []<class Net>() { check_gpu<Net>(); });
}

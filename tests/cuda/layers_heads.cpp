// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: several sources and heads.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("several sources and heads") {
  for_each_case(HeadCases{}, []<class Net>() { check_gpu<Net>(); });
}

// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: joins and taps.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("joins and taps") {
  for_each_case(JoinCases{}, []<class Net>() { check_gpu<Net>(); });
}

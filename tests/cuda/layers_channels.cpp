// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: channel counts around the vector width.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("channel counts around the vector width") {
  for_each_case(ChannelCases{}, []<class Net>() { check_gpu<Net>(); });
}

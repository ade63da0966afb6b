// SPDX-License-Identifier: MIT
// The layers, run node by node: channel counts around the vector width.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("channel counts around the vector width") {
  for_each_case(ChannelCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

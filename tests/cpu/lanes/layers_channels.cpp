// SPDX-License-Identifier: MIT
// The layers, run with images in vector lanes: channel counts around the vector width.
#include <strata/cpu/lanes/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_lanes.hpp"

using namespace strata::testing;

TEST_CASE("channel counts around the vector width") {
  for_each_case(ChannelCases{}, []<class Net>() {
    if constexpr (strata::cpu::lanes::supports<Net>()) check_backend<Lanes, Net>();
  });
}

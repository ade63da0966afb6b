// SPDX-License-Identifier: MIT
// The layers, run with images in vector lanes: joins and taps.
#include <strata/cpu/lanes/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_lanes.hpp"

using namespace strata::testing;

TEST_CASE("joins and taps") {
  for_each_case(JoinCases{}, []<class Net>() {
    if constexpr (strata::cpu::lanes::supports<Net>()) check_backend<Lanes, Net>();
  });
}

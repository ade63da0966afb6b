// SPDX-License-Identifier: MIT
// The layers, run with images in vector lanes: several sources and heads.
#include <strata/cpu/lanes/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_lanes.hpp"

using namespace strata::testing;

TEST_CASE("several sources and heads") {
  for_each_case(HeadCases{}, []<class Net>() {
    if constexpr (strata::cpu::lanes::supports<Net>()) check_backend<Lanes, Net>();
  });
}

// SPDX-License-Identifier: MIT
// The layers, run with images in vector lanes: pools.
#include <strata/cpu/lanes/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_lanes.hpp"

using namespace strata::testing;

TEST_CASE("pools") {
  for_each_case(PoolCases{}, []<class Net>() {
    if constexpr (strata::cpu::lanes::supports<Net>()) check_backend<Lanes, Net>();
  });
}

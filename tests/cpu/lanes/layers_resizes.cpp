// SPDX-License-Identifier: MIT
// The layers, run with images in vector lanes: maps of other rows and columns.
#include <strata/cpu/lanes/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_lanes.hpp"

using namespace strata::testing;

TEST_CASE("maps of other rows and columns") {
  for_each_case(ResampleCases{}, []<class Net>() {
    if constexpr (strata::cpu::lanes::supports<Net>()) check_backend<Lanes, Net>();
  });
}

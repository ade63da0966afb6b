// SPDX-License-Identifier: MIT
// The layers, run with images in vector lanes: batch norm and what is fused with it.
#include <strata/cpu/lanes/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_lanes.hpp"

using namespace strata::testing;

TEST_CASE("batch norm and what is fused with it") {
  for_each_case(NormCases{}, []<class Net>() {
    if constexpr (strata::cpu::lanes::supports<Net>()) check_backend<Lanes, Net>();
  });
}

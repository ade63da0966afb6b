// SPDX-License-Identifier: MIT
// The layers, run node by node: pools.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("pools") {
  for_each_case(PoolCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

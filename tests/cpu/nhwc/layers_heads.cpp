// SPDX-License-Identifier: MIT
// The layers, run node by node: several sources and heads.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("several sources and heads") {
  for_each_case(HeadCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

// SPDX-License-Identifier: MIT
// The layers, run node by node: joins and taps.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("joins and taps") {
  for_each_case(JoinCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

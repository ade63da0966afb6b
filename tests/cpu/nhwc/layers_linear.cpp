// SPDX-License-Identifier: MIT
// The layers, run node by node: transposed and depthwise convolutions, dense.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("transposed and depthwise convolutions, dense") {
  for_each_case(OtherLinearCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

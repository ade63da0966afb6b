// SPDX-License-Identifier: MIT
// The layers, run node by node: convolutions.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("convolutions") {
  for_each_case(ConvolutionCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

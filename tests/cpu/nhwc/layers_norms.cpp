// SPDX-License-Identifier: MIT
// The layers, run node by node: batch norm and what is fused with it.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("batch norm and what is fused with it") {
  for_each_case(NormCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

// SPDX-License-Identifier: MIT
// The layers, run node by node: reshapes, slices, shuffles, padding, signals.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("reshapes, slices, shuffles, padding") {
  for_each_case(ShapeCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}
TEST_CASE("signals") {
  for_each_case(SignalCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

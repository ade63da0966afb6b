// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: reshapes, slices, shuffles, padding, signals.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("reshapes, slices, shuffles, padding") {
  for_each_case(ShapeCases{}, []<class Net>() { check_gpu<Net>(); });
}
TEST_CASE("signals") {
  for_each_case(SignalCases{}, []<class Net>() { check_gpu<Net>(); });
}

// SPDX-License-Identifier: MIT
// The layers, run node by node: activations, dropout, softmax.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("activations, dropout, softmax") {
  for_each_case(ActivationCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

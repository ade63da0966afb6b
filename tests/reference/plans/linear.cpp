// SPDX-License-Identifier: MIT
// The passes, against the declared network: layers with weights.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("convolutions") { check_plans_of(ConvolutionCases{}); }
TEST_CASE("transposed, depthwise, dense") { check_plans_of(OtherLinearCases{}); }

// SPDX-License-Identifier: MIT
// The passes, against the declared network: layers with weights.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

namespace {
constexpr auto check = []<class Net>() { check_plans<Net>(); };
}

TEST_CASE("convolutions") { for_each_case(ConvolutionCases{}, check); }
TEST_CASE("transposed, depthwise, dense") { for_each_case(OtherLinearCases{}, check); }

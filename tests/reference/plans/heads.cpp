// SPDX-License-Identifier: MIT
// The passes, against the declared network: several sources and heads.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata::testing;

TEST_CASE("several sources and heads") { check_plans_of(HeadCases{}); }

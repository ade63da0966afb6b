// SPDX-License-Identifier: MIT
// The passes, against the declared network: values that are read more than once.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("joins and taps") { check_plans_of(JoinCases{}); }

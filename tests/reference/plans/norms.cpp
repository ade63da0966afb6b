// SPDX-License-Identifier: MIT
// The passes, against the declared network: batch norm and what is fused with it.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("batch norm") { check_plans_of(NormCases{}); }

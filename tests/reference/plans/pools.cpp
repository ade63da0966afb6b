// SPDX-License-Identifier: MIT
// The passes, against the declared network: activations, dropout, softmax and pools.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("activations, dropout, softmax") { check_plans_of(ActivationCases{}); }
TEST_CASE("pools") { check_plans_of(PoolCases{}); }

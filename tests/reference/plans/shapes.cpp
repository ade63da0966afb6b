// SPDX-License-Identifier: MIT
// The passes, against the declared network: moves, whose gradients are other moves, and signals.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("reshapes, slices, shuffles, padding") { check_plans_of(ShapeCases{}); }
TEST_CASE("signals") { check_plans_of(SignalCases{}); }

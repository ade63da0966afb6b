// SPDX-License-Identifier: MIT
// The passes, against the declared network: norms of images.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("norms of images") { check_plans_of(ImageNormCases{}); }

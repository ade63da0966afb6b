// SPDX-License-Identifier: MIT
// The passes, against the declared network: values that are read more than once.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("joins and taps") { check_plans_of(JoinCases{}); }

/// By node, the first sum is the last reader of its third input alone, the next of its second too, the last of all.
using SumsOfThree =
    Network<Image<4, 3, 2>, Conv<1, 3>, Tap<"a">, Conv<3, 3>, Tap<"b">, Sum<From<"a">, From<"b">, Conv<3, 3>>,
            Sum<From<"a">, From<"b">, Conv<1, 3>>, Sum<Identity, From<"a">, Conv<1, 3>>, PixelSoftmax>;

TEST_CASE("sums of three, of which some die") { check_plans<SumsOfThree>(); }

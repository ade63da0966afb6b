// SPDX-License-Identifier: MIT
// The passes, against the declared network: values that are read more than once.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

namespace {
constexpr auto check = []<class Net>() { check_plans<Net>(); };
}

TEST_CASE("joins and taps") { for_each_case(JoinCases{}, check); }

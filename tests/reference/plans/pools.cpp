// SPDX-License-Identifier: MIT
// The passes, against the declared network: activations, dropout, softmax and pools.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

namespace {
constexpr auto check = []<class Net>() { check_plans<Net>(); };
}

TEST_CASE("activations, dropout, softmax") { for_each_case(ActivationCases{}, check); }
TEST_CASE("pools") { for_each_case(PoolCases{}, check); }

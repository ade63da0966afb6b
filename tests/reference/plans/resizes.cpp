// SPDX-License-Identifier: MIT
// The passes, against the declared network: resize, crop and maps of labels.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

namespace {
constexpr auto check = []<class Net>() { check_plans<Net>(); };
}

TEST_CASE("resize and crop") { for_each_case(ResizeCases{}, check); }
TEST_CASE("a convolution of low and enlarged maps") { for_each_case(DecoderCases{}, check); }

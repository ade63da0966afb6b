// SPDX-License-Identifier: MIT
// The passes, against the declared network: resize, crop and maps of labels.
#include <strata/reference/plan.hpp>

#include "../../support/check_plans.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("resize and crop") { check_plans_of(ResizeCases{}); }
TEST_CASE("maps of other rows and columns") { check_plans_of(ResampleCases{}); }
TEST_CASE("a convolution of low and enlarged maps") { check_plans_of(DecoderCases{}); }

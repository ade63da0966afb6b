// SPDX-License-Identifier: MIT
// The layers, run node by node: norms of images.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata::testing;

TEST_CASE("norms of images") {
  for_each_case(ImageNormCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}

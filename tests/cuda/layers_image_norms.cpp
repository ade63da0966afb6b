// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: norms of images.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("norms of images") {
  for_each_case(ImageNormCases{}, []<class Net>() { check_gpu<Net>(); });
}

// SPDX-License-Identifier: MIT
// The layers on the device that stands in for a GPU: activations, dropout, softmax.
#include "../support/check_backend.hpp"
#include "../support/gpu_backend.hpp"

using namespace strata::testing;

TEST_CASE("activations, dropout, softmax") {
  for_each_case(ActivationCases{}, []<class Net>() { check_gpu<Net>(); });
}

// SPDX-License-Identifier: MIT
// Every loss against PyTorch, and several at once, on the reference and both programs of the CPU.
#include <strata/reference/reference.hpp>

#include "../support/cpu_lanes.hpp"
#include "../support/cpu_nhwc.hpp"
#include "check_heads.hpp"
#include "check_losses.hpp"

namespace golden_losses {

using namespace strata;
using namespace strata::testing;

TEST_CASE("the reference") {
  check_classes<Reference>();
  check_enlarged<Reference>();
  check_values<Reference>();
  check_own<Reference>();
  check_sums<Reference>();
  check_policy<Reference>(1e-6, 1e-6);
}
TEST_CASE("node by node") {
  check_classes<Nhwc>();
  check_enlarged<Nhwc>();
  check_values<Nhwc>();
  check_own<Nhwc>();
  check_sums<Nhwc>();
  check_policy<Nhwc>(1e-5, 2e-4);
}
TEST_CASE("in lanes") {
  check_classes<Lanes>();
  check_values<Lanes>();
  check_own<Lanes>();
  check_sums<Lanes>();
  check_policy<Lanes>(1e-5, 2e-4);
}

}  // namespace golden_losses

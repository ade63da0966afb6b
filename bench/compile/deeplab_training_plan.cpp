// SPDX-License-Identifier: MIT
// DeepLabv3+ at 720 x 960: lowered, checked, fused, differentiated and planned for training.
#include <strata/graph/plans.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

using namespace strata;
using Net = DeepLabv3Plus<Image<720, 960, 3>, 11>;
static_assert(parameters<Net> == 16'415'131);

long arena() {
  constexpr auto& plan = graph::training_plan<Net, graph::Layout{}>;
  return plan.frame + plan.scratch;
}

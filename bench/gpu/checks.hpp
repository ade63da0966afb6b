// SPDX-License-Identifier: MIT
// All checks of gpu_check, in the order in which they run: what says most about a first GPU comes first.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include "../../tests/support/cuda/graph_forms.hpp"

namespace gpu_check {

struct Check {
  std::string name;           ///< "tf32 training norms 3"
  std::function<void()> run;  ///< sends its lines; throws Error where the device fails
};

/// The graphs that are checked alone: the three products, which every network needs, with every window; the other forms
/// with the first one.
std::vector<std::pair<const strata::testing::Form*, const strata::testing::Window*>> chosen_forms();

/// A product in TF32, digits, all networks and graphs in TF32, then the same in fp16, fp32 and bf16. Needs no device.
std::vector<Check> all_checks();

}  // namespace gpu_check

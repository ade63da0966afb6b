// SPDX-License-Identifier: MIT
// All checks of gpu_check, in the order in which they run: what says most about a first GPU comes first.
#pragma once

#include <functional>
#include <string>
#include <vector>

namespace gpu_check {

struct Check {
  std::string name;           ///< "tf32 training norms 3"
  std::function<void()> run;  ///< sends its lines; throws Error where the device fails
};

/// A product in TF32, digits, all networks and graphs in TF32, then the same in fp16, fp32 and bf16. Needs no device.
std::vector<Check> all_checks();

}  // namespace gpu_check

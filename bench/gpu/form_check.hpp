// SPDX-License-Identifier: MIT
// Single cuDNN graphs on the device: a form of tests/support/cuda/graph_forms.hpp with one window, in one precision.
#pragma once

#include "../../tests/support/cuda/graph_forms.hpp"

namespace gpu_check {

/// Sends a line: compared with the meaning of the graph, or not run since the device has no plan for it. `name`: of the
/// check. Throws Error where the device fails.
void check_form(const std::string& name, const strata::testing::Form& form, const strata::testing::Window& window,
                const strata::cuda::Precision& precision);

}  // namespace gpu_check

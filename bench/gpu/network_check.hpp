// SPDX-License-Identifier: MIT
// A network's inference or a training step on the device, eagerly and captured, against the reference in double.
#pragma once

#include "networks.hpp"

namespace gpu_check {

inline constexpr int images = 3;  ///< of each batch

enum class Direction { inference, training };

/// Sends a line for each node of the eager run, then one for its result and one for the captured run; inference also
/// one for the kernel of the whole network. `name`: of the check. Throws Error where the device fails.
void check_network(const std::string& name, const Network& network, strata::cuda::Precision precision,
                   Direction direction);

}  // namespace gpu_check

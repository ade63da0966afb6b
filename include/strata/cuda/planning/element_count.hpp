// SPDX-License-Identifier: MIT
// cuDNN's kernels count the elements of a tensor in 32 bits. A batch of which a tensor has more is refused before
// anything is planned for it.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cuda/planning/lower.hpp>

#include <algorithm>

namespace strata::cuda {

inline constexpr long most_elements = (1L << 31) - 1;  ///< of a tensor

/// Throws Error if a value of the plan has more than most_elements for a batch, and names the largest batch whose
/// values do not.
inline void check_elements(const PlanView& plan, int batch) {
  int largest = 0;  // node
  const auto elements = [&](int node) { return plan.nodes[node].out.size(); };
  for (int i = 1; i < plan.count; i++)
    if (plan.places[i].storage == graph::Storage::frame && elements(i) > elements(largest)) largest = i;
  if (batch * elements(largest) <= most_elements) return;
  const long fitting = most_elements / std::max(1L, elements(largest));
  const auto& node = plan.nodes[largest];
  throw Error("CUDA: node ", largest, ", ", graph::name(node.op), ", computes ", node.out.height, " x ", node.out.width,
              " x ", node.out.channels, " numbers for each of ", batch, " images, but cuDNN counts no more than ",
              most_elements, "; ",
              fitting > 0 ? core::sentence("use a batch or micro_batch of at most ", fitting, " images")
                          : std::string("even one image is too many: use smaller images or fewer channels"));
}

}  // namespace strata::cuda

// SPDX-License-Identifier: MIT
// The pass that chooses the algorithm of each node of a plan, once, while the program is compiled. The kernels, the
// memory they need, the costs, the summary and the benchmarks read its result. What users want is Node::products.
#pragma once

#include <strata/cpu/choices.hpp>
#include <strata/cpu/nhwc/fixed_shape/choose.hpp>
#include <strata/cpu/nhwc/winograd.hpp>
#include <strata/cpu/nhwc/winograd_weight_gradient.hpp>

namespace strata::cpu::nhwc {

/// The algorithm among the general kernels.
constexpr Algorithm choose(const Node& node) {
  if (takes_winograd(node, can_use_winograd, winograd_saves)) return Algorithm::winograd;
  if (takes_winograd(node, can_use_winograd_gradient, winograd_gradient_saves)) return Algorithm::winograd;
  if (swapping_saves(node)) return Algorithm::swapped;
  return Algorithm::direct;
}

/// The algorithm of each node. fixed_shapes: small nodes of a small plan, which must be for inference, get kernels of
/// fixed shape.
template <class Plan>
constexpr Choices<Algorithm, Plan::capacity> choose(const Plan& plan, bool fixed_shapes = false,
                                                    const Machine& machine = this_machine) {
  Choices<Algorithm, Plan::capacity> chosen;
  fixed_shapes = fixed_shapes && fixed_shape::suits(plan);
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    Algorithm& algorithm = chosen.of[i];
    if (fixed_shapes && fixed_shape::fits(node, machine)) algorithm = fixed_shape::choose(node, machine);
    else if (fixed_shapes && node.op == Op::input && fixed_shape::skips_input(plan, machine))
      algorithm = Algorithm::skipped;
    else algorithm = choose(node);
  }
  return chosen;
}

}  // namespace strata::cpu::nhwc

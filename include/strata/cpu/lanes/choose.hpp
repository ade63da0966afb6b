// SPDX-License-Identifier: MIT
// The pass that chooses the algorithm of each node of a plan, once, while the program is compiled. The kernels, the
// memory they need, the summary and the benchmarks read its result. What users want is Node::products.
#pragma once

#include <strata/cpu/choices.hpp>
#include <strata/cpu/lanes/algorithm.hpp>
#include <strata/cpu/lanes/measured_convolution.hpp>
#include <strata/cpu/lanes/winograd.hpp>

namespace strata::cpu::lanes {

template <class Plan>
constexpr Choices<Algorithm, Plan::capacity> choose(const Plan& plan) {
  Choices<Algorithm, Plan::capacity> chosen;
  for (int i = 0; i < plan.count; i++)
    if (takes_winograd(plan.nodes[i], can_use_winograd, winograd_saves)) chosen.of[i] = Algorithm::winograd;
    else if (feeds_only_statistics(plan, i)) chosen.of[i] = chosen.of[i + 1] = Algorithm::measured;
  return chosen;
}

}  // namespace strata::cpu::lanes

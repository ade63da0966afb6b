// SPDX-License-Identifier: MIT
// The plan of a network's training as the GPU back end has it.
#pragma once

#include <strata/cuda/lower.hpp>
#include <strata/cuda/options.hpp>
#include <strata/graph/plans.hpp>

namespace strata::testing {

template <class Net, class... Policy>
cuda::PlanView device_plan() {
  constexpr auto& plan = graph::training_plan<Net, cuda::layout, cuda::plan_options<Policy...>()>;
  return {plan.nodes, plan.places, plan.count, plan.result, plan.frame, plan.fixed};
}

}  // namespace strata::testing

// SPDX-License-Identifier: MIT
// The GPU back end's plan for the training of a network.
#pragma once

#include <strata/cuda/planning/lower.hpp>
#include <strata/cuda/planning/options.hpp>
#include <strata/graph/plans.hpp>

namespace strata::testing {

template <class Net, class... Policy>
cuda::PlanView device_plan() {
  constexpr auto& plan = graph::training_plan<Net, cuda::layout, cuda::plan_options<Policy...>()>;
  return {plan.nodes, plan.places, plan.count, plan.result, plan.frame, plan.fixed};
}

}  // namespace strata::testing

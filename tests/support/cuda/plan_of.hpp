// SPDX-License-Identifier: MIT
// The GPU back end's plan of a network, without policies.
#pragma once

#include <strata/cuda/planning/lower.hpp>
#include <strata/cuda/planning/options.hpp>

namespace strata::testing {

template <class Net, graph::Mode Mode>
cuda::PlanView plan_of() {
  constexpr graph::PlanOptions options = cuda::plan_options<>();
  if constexpr (Mode == graph::Mode::inference) return cuda::view(graph::inference_plan<Net, cuda::layout, options>);
  else return cuda::view(graph::training_plan<Net, cuda::layout, options>);
}

}  // namespace strata::testing

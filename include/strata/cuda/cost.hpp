// SPDX-License-Identifier: MIT
// What a network takes of a device's memory by its plan, as constants. The workspaces of cuDNN, which only the device's library
// knows, come to it.
#pragma once

#include <strata/cuda/lower.hpp>
#include <strata/cuda/options.hpp>
#include <strata/graph/plans.hpp>

namespace strata::cuda {

/// Bytes of the values of a batch, in training (parameters, gradients and the optimizer's state apart) or inference.
template <class Net, class Backend, graph::Mode Mode>
constexpr long value_bytes(int batch) {
  const auto of = [batch](const auto& plan) {
    return rounded_bytes(batch * plan.frame * bytes_of(Backend::precision.element)) + rounded_bytes(4 * plan.fixed);
  };
  if constexpr (Mode == graph::Mode::training) return of(graph::training_plan<Net, layout, Backend::options>);
  else return of(graph::inference_plan<Net, layout, Backend::options>);
}

}  // namespace strata::cuda

// SPDX-License-Identifier: MIT
// What a network takes of a device's memory by its plan. The workspaces of cuDNN, which only the device's library knows, come to
// it.
#pragma once

#include <strata/cuda/inputs.hpp>
#include <strata/cuda/options.hpp>
#include <strata/cuda/parameter_layout.hpp>
#include <strata/graph/plans.hpp>

namespace strata::cuda {

/// Bytes of the values of a batch, in training (parameters, gradients and the optimizer's state apart) or inference: constants.
template <class Net, class Backend, graph::Mode Mode>
constexpr long value_bytes(int batch) {
  const auto of = [batch](const auto& plan) {
    return rounded_bytes(batch * plan.frame * bytes_of(Backend::precision.element)) + rounded_bytes(4 * plan.fixed);
  };
  if constexpr (Mode == graph::Mode::training) return of(graph::training_plan<Net, layout, Backend::options>);
  else return of(graph::inference_plan<Net, layout, Backend::options>);
}

/// Bytes of a device that a session takes.
struct SessionBytes {
  long values = 0;   ///< of a batch: what a step or an inference makes
  long numbers = 0;  ///< parameters as they are kept and as they are multiplied, gradients, state of the optimizer, statistics
  long inputs = 0;   ///< batches on their way
  constexpr long total() const { return values + numbers + inputs; }
};

/// slots: numbers that the optimizer keeps for each parameter. accumulates: gradients of several micro-batches make an update.
template <class Net, class Backend>
SessionBytes training_bytes(int batch, int slots, bool accumulates = false) {
  constexpr auto& plan = graph::training_plan<Net, layout, Backend::options>;
  constexpr auto& net = lowered<Net>;
  const long floats = ParameterLayout(view(plan), net.parameters, net.parameter_count).floats();
  const Shape in = net.graph.nodes[0].out, out = net.graph.nodes[net.graph.result].out;
  return {value_bytes<Net, Backend, graph::Mode::training>(batch), training_number_bytes(floats, net.buffer_floats, Backend::precision.element, accumulates) + 4 * floats * slots,
          Inputs::device_bytes(batch, in, out)};
}

template <class Net, class Backend>
SessionBytes inference_bytes(int batch) {
  constexpr auto& plan = graph::inference_plan<Net, layout, Backend::options>;
  constexpr auto& net = lowered<Net>;
  return {value_bytes<Net, Backend, graph::Mode::inference>(batch),
          folded_place(view(plan), Backend::precision.element, plan.count).weights + 4L * (net.parameter_floats + net.buffer_floats),
          Inputs::device_bytes(batch, net.graph.nodes[0].out, {})};
}

}  // namespace strata::cuda

// SPDX-License-Identifier: MIT
// The device memory that a network needs according to its plan. Scratch and workspaces, which depend on the forms for
// which the device's library has plans, are extra.
#pragma once

#include <strata/cuda/planning/options.hpp>
#include <strata/cuda/planning/parameter_layout.hpp>
#include <strata/cuda/sessions/port_inputs.hpp>
#include <strata/graph/plans.hpp>

namespace strata::cuda {

/// Bytes of the values of a batch in training (without parameters, gradients and the optimizer's state) or inference.
template <class Net, class Backend, graph::Mode Mode>
constexpr long value_bytes(int batch) {
  const auto of = [batch](const auto& plan) {
    return rounded_bytes(batch * plan.frame * bytes_of(Backend::precision.element)) + rounded_bytes(4 * plan.fixed);
  };
  if constexpr (Mode == graph::Mode::training) return of(graph::training_plan<Net, layout, Backend::options>);
  else return of(graph::inference_plan<Net, layout, Backend::options>);
}

/// Bytes of device memory that a session needs.
struct SessionBytes {
  long values = 0;   ///< of a batch: what a step or an inference computes
  long numbers = 0;  ///< parameters, their copies that are multiplied, gradients, optimizer state, statistics
  long inputs = 0;   ///< batches on their way to the device
  constexpr long total() const { return values + numbers + inputs; }
};

/// Bytes of a training session. slots: numbers that the optimizer keeps per parameter, and one more for an average of
/// models. accumulates: whether an update sums the gradients of several micro-batches.
template <class Net, class Backend>
SessionBytes training_bytes(int batch, int slots, bool accumulates = false) {
  constexpr auto& plan = graph::training_plan<Net, layout, Backend::options>;
  constexpr auto& net = graph::lowered<Net>;
  const long floats = ParameterLayout(view(plan), net.parameters, net.parameter_count).floats();
  return {
      value_bytes<Net, Backend, graph::Mode::training>(batch),
      training_number_bytes(floats, net.buffer_floats, Backend::precision.element, accumulates) + 4 * floats * slots,
      PortInputs::device_bytes(batch, port_shapes(view(plan)))};
}

/// Bytes of an inference session.
template <class Net, class Backend>
SessionBytes inference_bytes(int batch) {
  constexpr auto& plan = graph::inference_plan<Net, layout, Backend::options>;
  constexpr auto& net = graph::lowered<Net>;
  return {value_bytes<Net, Backend, graph::Mode::inference>(batch),
          folded_place(view(plan), Backend::precision.element, plan.count).weights +
              4L * (net.parameter_floats + net.buffer_floats),
          PortInputs::device_bytes(batch, port_shapes(view(plan)))};
}

}  // namespace strata::cuda

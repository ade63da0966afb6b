// SPDX-License-Identifier: MIT
// What the reference executes a plan with: the plan, the memory of its values, and the arguments and results of a step.
#pragma once

#include <strata/core/samples/views.hpp>
#include <strata/graph/plan.hpp>
#include <strata/reference/elementwise.hpp>

namespace strata::reference {

/// A plan without its capacity.
struct PlanView {
  const graph::Node* nodes = nullptr;
  const graph::Place* places = nullptr;
  const int* phase = nullptr;
  int count = 0, phases = 0, result = -1;
  graph::OtherResults others{};
  long frame = 0, scratch = 0, fixed = 0;
  graph::Layout layout{};
};

template <int Capacity>
PlanView view(const graph::Plan<Capacity>& plan, graph::Layout layout) {
  return {plan.nodes,  plan.places, plan.phase,   plan.count, plan.phases, plan.result,
          plan.others, plan.frame,  plan.scratch, plan.fixed, layout};
}

/// Where values are kept: each in its own memory, or where the plan places them.
enum class Memory { separate, planned };

/// The arguments and results of a step or an inference. Parameters, buffers and gradients are in the layout of the
/// declaration.
struct Run {
  const double* parameters = nullptr;
  double* buffers = nullptr;    ///< training updates the running statistics that are not kept
  double* gradients = nullptr;  ///< added to
  Images images{};
  Labels labels{};
  core::StepOptions options{};
  const Functor* functors = nullptr;
  core::StepResult sums{};                        ///< of the loss
  core::StepResult more[graph::max_ports - 1]{};  ///< of the losses of heads 1, 2, ...
  Doubles result{};  ///< of inference: [images][C][H][W] of each head, one head after another
};

}  // namespace strata::reference

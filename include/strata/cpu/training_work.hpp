// SPDX-License-Identifier: MIT
// The work of a training step on the CPU that the program is compiled for, as a compile-time constant, for forecasts of
// its time on other machines (graph/work.hpp).
#pragma once

#include <strata/cpu/cost.hpp>
#include <strata/graph/work.hpp>

namespace strata::cpu {

namespace detail {

/// Whether node i of the training plan is computed by Winograd's algorithm.
template <class Net, graph::PlanOptions Options, bool Lanes>
constexpr bool trains_by_winograd(int i) {
  if constexpr (Lanes) {
    constexpr auto& plan = graph::training_plan<Net, lanes::layout, Options>;
    return lanes::ProgramOf<plan, graph::functors<Net>>::algorithms.of[i] == lanes::Algorithm::winograd;
  } else {
    return nhwc::TrainingOf<Net, Options>::algorithms.of[i] == nhwc::Algorithm::winograd;
  }
}

}  // namespace detail

/// The training work of `Net` on `Backend`, in multiply-adds and bytes per image; Winograd's algorithm has 36 products
/// for a tile of 4 x 4 outputs, where the direct sum has 144. Images in lanes pass through a phase group by group, on
/// memory of their thread's own; otherwise each node passes over the whole batch.
template <class Net, class Backend = Cpu>
inline constexpr graph::StepWork training_work = [] {
  constexpr bool in_lanes = prefers_lanes<Net>();
  constexpr auto& plan = graph::training_plan<Net, cpu::layout_of<Net>, Backend::options>;
  graph::StepWork work = graph::step_work(plan, strata::parameters<Net>, [&](int i) {
    const double direct = double(graph::node_macs(plan.nodes[i]));
    return detail::trains_by_winograd<Net, Backend::options, in_lanes>(i) ? direct / 4 : direct;
  });
  if constexpr (in_lanes)
    work.working_set = arena_bytes<Net, Use::training, Backend>(1, 2) - arena_bytes<Net, Use::training, Backend>(1, 1);
  return work;
}();

}  // namespace strata::cpu

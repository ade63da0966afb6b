// SPDX-License-Identifier: MIT
// The work of a training step on the CPU that the program is compiled for, as a compile-time constant, for forecasts of
// its time on other machines (graph/work.hpp).
#pragma once

#include <strata/cpu/cost.hpp>
#include <strata/graph/work.hpp>

namespace strata::cpu {

namespace detail {

/// Winograd's products: 36 for a tile of 4 x 4 outputs, where the direct sum has 144.
template <bool Lanes>
constexpr double products_of(const graph::Node& node) {
  const double direct = double(graph::node_macs(node));
  if constexpr (Lanes) return lanes::uses_winograd(node) ? direct / 4 : direct;
  else return nhwc::uses_winograd(node) || nhwc::uses_winograd_weight_gradient(node) ? direct / 4 : direct;
}

}  // namespace detail

/// The training work of `Net` on `Backend`. Images in lanes pass through a phase group by group, on memory of their
/// thread's own; otherwise each node passes over the whole batch.
template <class Net, class Backend = Cpu>
inline constexpr graph::StepWork training_work = [] {
  constexpr bool lanes = prefers_lanes<Net>();
  graph::StepWork work = graph::step_work(graph::training_plan<Net, cpu::layout_of<Net>, Backend::options>,
                                          strata::parameters<Net>, detail::products_of<lanes>);
  if constexpr (lanes)
    work.working_set = arena_bytes<Net, Use::training, Backend>(1, 2) - arena_bytes<Net, Use::training, Backend>(1, 1);
  return work;
}();

}  // namespace strata::cpu

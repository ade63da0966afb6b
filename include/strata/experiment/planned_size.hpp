// SPDX-License-Identifier: MIT
// The memory of inference of one image, planned within one constant evaluation that keeps only the result. arena_bytes
// gives the same number, but keeps the graphs of all passes: three megabytes of the compiler's memory per network.
#pragma once

#include <strata/cpu/nhwc/inference_of.hpp>
#include <strata/experiment/declared_cost.hpp>
#include <strata/graph/plans.hpp>

namespace strata::experiment {

/// Bytes of inference of one image on one thread. 0: the network is too large for this, and is planned in passes.
struct PlannedSize {
  long arena_bytes = 0, packed_bytes = 0;
};

namespace detail {

/// Networks of more nodes might exceed the compilers' limits for one evaluation.
inline constexpr int most_nodes_at_once = 40;

/// Schedules a fused graph as graph::inference_plan does.
template <int Capacity>
constexpr PlannedSize scheduled_size(const graph::Graph<Capacity>& fused) {
  using graph::PlaceFirst, cpu::nhwc::layout;
  const auto phased = graph::in_order<Capacity>(fused);
  auto plan = graph::schedule(phased, layout, PlaceFirst::none);
  for (const PlaceFirst rule : {PlaceFirst::largest, PlaceFirst::latest_death})
    plan = graph::smaller(plan, graph::schedule(phased, layout, rule));
  const auto algorithms = cpu::nhwc::choose(plan, true);
  const auto offsets = cpu::nhwc::fixed_shape::suits(plan)
                           ? cpu::nhwc::offsets_of<cpu::nhwc::fixed_shape::Sizes>(plan, algorithms, true)
                           : cpu::nhwc::offsets_of(plan, algorithms, true);
  const cpu::nhwc::Program sizes{.frame = plan.frame,
                                 .fixed = plan.fixed,
                                 .packed_floats = offsets.packed_floats,
                                 .folded_floats = offsets.folded_floats,
                                 .partial_floats = offsets.partial_floats,
                                 .workspace = offsets.workspace};
  return {sizes.floats(1, 1) * long(sizeof(float)), offsets.packed_floats * long(sizeof(float))};
}

/// Compilers copy whole arrays, so small ones save their memory: the passes take only as much room as they need.
template <int Room, int Capacity>
constexpr PlannedSize planned_size(const graph::Graph<Capacity>& forward) {
  constexpr graph::PlanOptions options{};
  const auto fused = graph::fuse(graph::rewrite<Room>(forward, graph::Mode::inference, options.rewrite),
                                 graph::Mode::inference, options.fuse);
  if (fused.count <= 8) return scheduled_size(graph::resized<8>(fused));
  if (fused.count <= 16) return scheduled_size(graph::resized<16>(fused));
  return scheduled_size(fused);
}

template <class Net>
constexpr PlannedSize planned_size_of() {
  if constexpr (Net::bound.nodes > most_nodes_at_once) {
    return {};
  } else {
    return lowered_for<Net>([](const graph::Builder& b) {
      constexpr int nodes = Net::bound.nodes;
      graph::Graph<nodes> forward;
      for (int i = 0; i < b.node_count; i++) forward.add(b.nodes[i]);
      for (int head = 0; head < b.head_count && !b.heads[head].only_in_training; head++) {
        if (head == 0) forward.result = b.heads[head].value;
        else forward.others.add(b.heads[head].value);
      }
      if (b.head_count > 0 && b.heads[b.head_count - 1].only_in_training) forward = graph::sweep(forward);
      const int needed = graph::rewritten_bound(forward, graph::Mode::inference);
      return needed <= nodes           ? planned_size<nodes>(forward)
             : needed <= 3 * nodes + 8 ? planned_size<3 * nodes + 8>(forward)
                                       : PlannedSize{};
    });
  }
}

}  // namespace detail

/// The memory of inference of one image on one thread of the CPU that the file is compiled for.
template <class Net>
inline constexpr PlannedSize planned_size = [] {
  constexpr PlannedSize at_once = detail::planned_size_of<Net>();
  if constexpr (at_once.arena_bytes > 0) {
    return at_once;
  } else {
    constexpr auto& sizes = cpu::nhwc::InferenceSizesOf<Net>::sizes;
    return PlannedSize{sizes.floats(1, 1) * long(sizeof(float)), sizes.packed_floats * long(sizeof(float))};
  }
}();

}  // namespace strata::experiment

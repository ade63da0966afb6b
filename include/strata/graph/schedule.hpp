// SPDX-License-Identifier: MIT
// The memory plan: every value gets a place. Values that are alive at the same time never overlap. By node, a value may
// overwrite an input that dies with it (OpTraits::may_overwrite); the two then share one allocation (placement.hpp).
#pragma once

#include <strata/core/divide.hpp>
#include <strata/graph/op_traits.hpp>
#include <strata/graph/placement.hpp>
#include <strata/graph/plan.hpp>
#include <strata/graph/recompute.hpp>

namespace strata::graph {

/// The input that the value of node i may overwrite: one that dies at node i, has the same size and is read only once;
/// or -1.
constexpr int overwritten(const Node* nodes, int i, const int* last_use) {
  const Node& node = nodes[i];
  for (int k = 0; k < node.inputs.count; k++) {
    const int input = node.inputs[k];
    if (!may_overwrite(node, k) || last_use[input] != i || nodes[input].out.size() != node.out.size()) continue;
    int reads = 0;
    for (const int other : node.inputs) reads += other == input;
    if (reads == 1) return input;
  }
  return -1;
}

/// Plans a graph whose nodes are ordered by phase. `rule` applies to the frame only.
template <int Capacity>
constexpr Plan<Capacity> schedule(const Phased<Capacity>& phased, Layout layout, PlaceFirst rule = PlaceFirst::none) {
  const Graph<Capacity>& graph = phased.graph;
  Plan<Capacity> plan;
  plan.count = graph.count;
  plan.phases = phased.phases;
  plan.result = graph.result;
  plan.others = graph.others;
  int last_use[core::at_least_one(Capacity)]{};
  bool crosses[core::at_least_one(Capacity)]{};
  for (int i = 0; i < graph.count; i++) {
    plan.nodes[i] = graph.nodes[i];
    plan.phase[i] = phased.phase[i];
    last_use[i] = i;
  }
  for (int i = 0; i < graph.count; i++)
    for (const int input : graph.nodes[i].inputs) {
      last_use[input] = i;
      if (plan.phase[input] != plan.phase[i]) crosses[input] = true;
    }
  for (int head = 0; head < result_count(graph); head++)
    if (const int result = result_of(graph, head); graph.nodes[result].op != Op::loss) last_use[result] = graph.count;

  Allocations<Capacity> frame, scratch;
  int allocation[core::at_least_one(Capacity)]{};
  for (int i = 0; i < graph.count; i++) {
    Place& place = plan.places[i];
    place.size = core::round_up(graph.nodes[i].out.size(), layout.align);
    if (graph.nodes[i].op == Op::loss && plan.phase[i] >= plan.forward_phases) plan.forward_phases = plan.phase[i] + 1;
    switch (extent(graph.nodes[i].op)) {
      case Extent::none: place = {}; break;
      case Extent::batch:
        place.storage = Storage::fixed;
        place.offset = plan.fixed;
        plan.fixed += place.size;
        break;
      case Extent::image: {
        place.storage = layout.by_group && !crosses[i] ? Storage::scratch : Storage::frame;
        Allocations<Capacity>& allocations = place.storage == Storage::scratch ? scratch : frame;
        const int reused = layout.by_group ? -1 : overwritten(graph.nodes, i, last_use);
        allocation[i] = reused >= 0 ? allocation[reused] : allocations.add(place.size, i);
        allocations.list[allocation[i]].death = last_use[i];
      }
    }
  }
  const Placement<Capacity> in_frame = place(frame, rule), in_scratch = place(scratch, PlaceFirst::none);
  for (int i = 0; i < graph.count; i++) {
    if (plan.places[i].storage == Storage::frame)
      plan.places[i].offset = in_frame.allocations.list[allocation[i]].offset;
    if (plan.places[i].storage == Storage::scratch)
      plan.places[i].offset = in_scratch.allocations.list[allocation[i]].offset;
  }
  plan.frame = in_frame.high_water;
  plan.scratch = in_scratch.high_water;
  return plan;
}

/// The plan with the smaller frame; of equals, the first.
template <int Capacity>
constexpr const Plan<Capacity>& smaller(const Plan<Capacity>& a, const Plan<Capacity>& b) {
  return b.frame < a.frame ? b : a;
}

}  // namespace strata::graph

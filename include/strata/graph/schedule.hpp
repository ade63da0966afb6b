// SPDX-License-Identifier: MIT
// The memory plan: every value gets a place. Values alive at the same time never overlap; first fit in order of
// execution with an active list kept sorted by offset. Flat arrays and no library calls in the loops, so that 800 nodes
// stay inside the compilers' limits for constant evaluation.
#pragma once

#include <strata/graph/plan.hpp>
#include <strata/graph/recompute.hpp>

namespace strata::graph {

constexpr long aligned(long floats, int align) { return (floats + align - 1) / align * align; }

/// First fit for one storage. Values are placed in order of definition.
template <int Capacity>
struct FirstFit {
  long offset[Capacity > 0 ? Capacity : 1]{}, end[Capacity > 0 ? Capacity : 1]{};  // of the active values, sorted
  int last_use[Capacity > 0 ? Capacity : 1]{};
  int active = 0;
  long high_water = 0;

  constexpr void release(int now) {
    int kept = 0;
    for (int i = 0; i < active; i++) {
      if (last_use[i] < now) continue;
      offset[kept] = offset[i], end[kept] = end[i], last_use[kept] = last_use[i];
      kept++;
    }
    active = kept;
  }
  constexpr long place(long size, int last) {
    long at = 0;
    int position = 0;
    for (; position < active; position++) {
      if (at + size <= offset[position]) break;
      if (end[position] > at) at = end[position];
    }
    for (int i = active; i > position; i--)
      offset[i] = offset[i - 1], end[i] = end[i - 1], last_use[i] = last_use[i - 1];
    offset[position] = at, end[position] = at + size, last_use[position] = last;
    active++;
    if (at + size > high_water) high_water = at + size;
    return at;
  }
};

template <int Capacity>
constexpr Plan<Capacity> schedule(const Phased<Capacity>& phased, Layout layout) {
  const Graph<Capacity>& graph = phased.graph;
  Plan<Capacity> plan;
  plan.count = graph.count;
  plan.phases = phased.phases;
  plan.result = graph.result;
  int last_use[Capacity > 0 ? Capacity : 1]{};
  bool crosses[Capacity > 0 ? Capacity : 1]{};
  for (int i = 0; i < graph.count; i++) {
    plan.nodes[i] = graph.nodes[i];
    plan.phase[i] = phased.phase[i];
    last_use[i] = i;
  }
  for (int i = 0; i < graph.count; i++)
    for (int k = 0; k < graph.nodes[i].input_count; k++) {
      const int input = graph.nodes[i].inputs[k];
      last_use[input] = i;
      if (plan.phase[input] != plan.phase[i]) crosses[input] = true;
    }
  if (graph.result >= 0) last_use[graph.result] = graph.count;

  FirstFit<Capacity> frame, scratch;
  for (int i = 0; i < graph.count; i++) {
    Place& place = plan.places[i];
    place.size = aligned(graph.nodes[i].out.size(), layout.align);
    if (graph.nodes[i].op == Op::loss) plan.forward_phases = plan.phase[i] + 1;
    if (extent(graph.nodes[i].op) == Extent::none) {
      place = {};
    } else if (extent(graph.nodes[i].op) == Extent::batch) {
      place.storage = Storage::fixed;
      place.offset = plan.fixed;
      plan.fixed += place.size;
    } else {
      place.storage = layout.by_group && !crosses[i] ? Storage::scratch : Storage::frame;
      FirstFit<Capacity>& fit = place.storage == Storage::scratch ? scratch : frame;
      fit.release(i);
      place.offset = fit.place(place.size, last_use[i]);
    }
  }
  plan.frame = frame.high_water;
  plan.scratch = scratch.high_water;
  return plan;
}

}  // namespace strata::graph

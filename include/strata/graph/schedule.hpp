// SPDX-License-Identifier: MIT
// The memory plan: every value gets a place. Values alive at the same time never overlap; first fit in order of
// execution with the living values in a list sorted by offset. Flat arrays and no library calls in the loops, so that 800 nodes
// stay inside the compilers' limits for constant evaluation.
#pragma once

#include <strata/graph/plan.hpp>
#include <strata/graph/recompute.hpp>

namespace strata::graph {

constexpr long aligned(long floats, int align) { return (floats + align - 1) / align * align; }

/// First fit for one storage. The living values form a list sorted by offset, linked through arrays, so that a death
/// or a birth moves nothing and a placement only walks.
template <int Capacity>
struct FirstFit {
  static constexpr int head = Capacity;
  long offset[Capacity + 1]{}, end[Capacity + 1]{};
  int next[Capacity + 1]{}, previous[Capacity + 1]{};
  long high_water = 0;

  constexpr FirstFit() { next[head] = previous[head] = head; }
  constexpr void release(int value) {
    next[previous[value]] = next[value];
    previous[next[value]] = previous[value];
  }
  constexpr long place(int value, long size) {
    long at = 0;
    int after = head;
    for (int i = next[head]; i != head && offset[i] < at + size; i = next[i]) {
      if (end[i] > at) at = end[i];
      after = i;
    }
    offset[value] = at, end[value] = at + size;
    previous[value] = after, next[value] = next[after];
    previous[next[after]] = value, next[after] = value;
    if (at + size > high_water) high_water = at + size;
    return at;
  }
};

/// Plans a graph whose nodes are ordered by phase.
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

  int dying[Capacity + 1]{}, also_dying[Capacity > 0 ? Capacity : 1]{};  // lists by time of death, 0: end
  for (int i = 0; i < graph.count; i++) {
    also_dying[i] = dying[last_use[i]];
    dying[last_use[i]] = i + 1;
  }

  FirstFit<Capacity> frame, scratch;
  for (int i = 0; i < graph.count; i++) {
    Place& place = plan.places[i];
    place.size = aligned(graph.nodes[i].out.size(), layout.align);
    if (graph.nodes[i].op == Op::loss) plan.forward_phases = plan.phase[i] + 1;
    switch (extent(graph.nodes[i].op)) {
      case Extent::none: place = {}; break;
      case Extent::batch:
        place.storage = Storage::fixed;
        place.offset = plan.fixed;
        plan.fixed += place.size;
        break;
      case Extent::image:
        place.storage = layout.by_group && !crosses[i] ? Storage::scratch : Storage::frame;
        place.offset = (place.storage == Storage::scratch ? scratch : frame).place(i, place.size);
    }
    for (int k = dying[i]; k != 0; k = also_dying[k - 1]) {
      if (plan.places[k - 1].storage == Storage::frame) frame.release(k - 1);
      if (plan.places[k - 1].storage == Storage::scratch) scratch.release(k - 1);
    }
  }
  plan.frame = frame.high_water;
  plan.scratch = scratch.high_water;
  return plan;
}

}  // namespace strata::graph

// SPDX-License-Identifier: MIT
// The memory plan: every value gets a place. Values alive at the same time never overlap; first fit in order of
// execution with the living values in a list sorted by offset. By node, a value may take the place of an input that dies
// with it (in_place.hpp). Flat arrays and no library calls in the loops, so that 800 nodes
// stay inside the compilers' limits for constant evaluation.
#pragma once

#include <strata/graph/in_place.hpp>
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
  /// `value` stands where `other` stood.
  constexpr long take_over(int value, int other) {
    offset[value] = offset[other], end[value] = end[other];
    previous[value] = previous[other], next[value] = next[other];
    next[previous[value]] = previous[next[value]] = value;
    return offset[value];
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

/// Which input of node i its value may overwrite: one that dies with it, has its size and is read once; or -1.
template <int Capacity>
constexpr int overwritten(const Graph<Capacity>& graph, int i, const int* last_use) {
  const Node& node = graph.nodes[i];
  for (int k = 0; k < node.input_count; k++) {
    const int input = node.inputs[k];
    if (!may_overwrite(node, k) || last_use[input] != i || graph.nodes[input].out.size() != node.out.size()) continue;
    int reads = 0;
    for (int other = 0; other < node.input_count; other++) reads += node.inputs[other] == input;
    if (reads == 1) return input;
  }
  return -1;
}

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
  if (graph.result >= 0 && graph.nodes[graph.result].op != Op::loss) last_use[graph.result] = graph.count;

  int dying[Capacity + 1]{}, also_dying[Capacity > 0 ? Capacity : 1]{};  // lists by time of death, 0: end
  for (int i = 0; i < graph.count; i++) {
    also_dying[i] = dying[last_use[i]];
    dying[last_use[i]] = i + 1;
  }

  FirstFit<Capacity> frame, scratch;
  for (int i = 0; i < graph.count; i++) {
    Place& place = plan.places[i];
    const int given_up = layout.by_group ? -1 : overwritten(graph, i, last_use);
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
        place.offset = given_up >= 0 ? frame.take_over(i, given_up)
                                     : (place.storage == Storage::scratch ? scratch : frame).place(i, place.size);
    }
    for (int k = dying[i]; k != 0; k = also_dying[k - 1]) {
      if (k - 1 == given_up) continue;
      if (plan.places[k - 1].storage == Storage::frame) frame.release(k - 1);
      if (plan.places[k - 1].storage == Storage::scratch) scratch.release(k - 1);
    }
  }
  plan.frame = frame.high_water;
  plan.scratch = scratch.high_water;
  return plan;
}

}  // namespace strata::graph

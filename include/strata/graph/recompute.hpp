// SPDX-License-Identifier: MIT
// Phases and recomputation. A batch value (a statistic, a reduction) is known only after all images have been
// processed, so its readers belong to a later phase. A value that crosses phases must be stored for every image of the
// batch, unless the later phase recomputes it from values that are stored anyway. That is cheaper than memory traffic
// if an element costs only a few multiplications. For example, the first convolution of a digits network is recomputed
// in each phase and never stored.
#pragma once

#include <strata/graph/edit.hpp>

namespace strata::graph {

/// What may be recomputed.
struct RecomputeOptions {
  bool enabled = true;
  int macs_per_element = 16;  ///< by group: at most this much arithmetic to recompute one element
  // For plans by node (recompute_by_node.hpp):
  int moves_per_element = 10;      ///< at most this many floats read and written to recompute one element
  long least_floats = 1 << 16;     ///< smaller values are always stored
  int kept_nodes = 16;             ///< a reader at most this many nodes after the last one reuses a recomputed value
  bool first_convolution = false;  ///< also recompute the outputs of convolutions of the images
  int linear_in_a_row = 0;         ///< linear nodes per block; all values inside a block are recomputed; 0: no blocks
  constexpr bool operator==(const RecomputeOptions&) const = default;
};

/// A graph whose nodes are ordered by phase: phase[i] never decreases.
template <int Capacity>
struct Phased {
  Graph<Capacity> graph;
  int phase[core::at_least_one(Capacity)]{};
  int phases = 0;
};

/// phase[i]: the number of batch values on the longest chain before node i.
template <int Capacity>
struct Phases {
  int phase[core::at_least_one(Capacity)]{};
  int count = 0;

  constexpr explicit Phases(const Graph<Capacity>& graph) {
    for (int i = 0; i < graph.count; i++) {
      const Node& node = graph.nodes[i];
      for (const int input : node.inputs) {
        const int before = phase[input] + (extent(graph.nodes[input].op) == Extent::batch);
        if (before > phase[i]) phase[i] = before;
      }
      if (phase[i] >= count) count = phase[i] + 1;
    }
  }
};

/// By group: whether a later phase recomputes the node's value.
constexpr bool is_cheap_by_group(const Node& node, RecomputeOptions options) {
  switch (traits(node.op).by_group) {
    case Recompute::never: return false;
    case Recompute::always: return true;
    case Recompute::few_macs: return node_macs(node) <= options.macs_per_element * node.mid.size();
  }
  return false;
}

/// The state of the traversal: where the values of the old graph are in the new one.
template <int Capacity, int From>
struct Recomputation {
  const Graph<From>& graph;
  const Phases<From>& phases;
  RecomputeOptions options;
  Phased<Capacity> result{};
  int home[core::at_least_one(From)]{};   // the value as first computed
  int here[core::at_least_one(From)]{};   // the value as last computed ...
  int stamp[core::at_least_one(From)]{};  // ... in phase stamp - 1

  /// The value that phase p reads for value i: computed in this phase, recomputed in it, or stored by an earlier one.
  constexpr int value(int i, int p) {
    if (stamp[i] == p + 1) return here[i];
    return is_cheap_by_group(graph.nodes[i], options) ? compute(i, p) : home[i];
  }
  /// Adds a copy of node i to phase p.
  constexpr int compute(int i, int p) {
    Node node = graph.nodes[i];
    for (int& input : node.inputs) input = value(input, p);
    here[i] = result.graph.add(node);
    stamp[i] = p + 1;
    result.phase[here[i]] = p;
    return here[i];
  }
};

/// Assigns phases without changing the order.
template <int Capacity, int From>
constexpr Phased<Capacity> in_order(const Graph<From>& graph) {
  Phased<Capacity> same{resized<Capacity>(graph), {}, 1};
  for (int i = 0, now = 0; i < graph.count; i++) {  // phases never decrease along the order
    const Node& node = graph.nodes[i];
    for (const int input : node.inputs) {
      const int before = same.phase[input] + (extent(graph.nodes[input].op) == Extent::batch);
      if (before > now) now = before;
    }
    same.phase[i] = now;
    same.phases = now + 1;
  }
  return same;
}

/// Orders the nodes by phase, stably within a phase, and copies cheap nodes into the later phases that read them. If
/// recomputation is disabled, the order stays as it is.
template <int Capacity, int From>
constexpr Phased<Capacity> recompute(const Graph<From>& graph, RecomputeOptions options = {}) {
  if (!options.enabled) return in_order<Capacity>(graph);
  const Phases<From> phases(graph);
  int first[std::size_t(From + 2)]{}, order[core::at_least_one(From)]{};  // nodes sorted by phase, by counting
  for (int i = 0; i < graph.count; i++) first[phases.phase[i] + 1]++;
  for (int p = 0; p < phases.count; p++) first[p + 1] += first[p];
  for (int i = 0; i < graph.count; i++) order[first[phases.phase[i]]++] = i;

  Recomputation<Capacity, From> walk{graph, phases, options};
  for (int k = 0; k < graph.count; k++) {
    const int i = order[k];
    walk.home[i] = walk.compute(i, phases.phase[i]);
  }
  walk.result.phases = phases.count;
  move_results(walk.result.graph, graph, walk.home);
  return walk.result;
}

/// Number of nodes after recomputation.
template <int Capacity>
constexpr int recomputed_bound(const Graph<Capacity>& graph, RecomputeOptions options = {}) {
  return recompute<3 * Capacity + 64>(graph, options).graph.count;
}

}  // namespace strata::graph

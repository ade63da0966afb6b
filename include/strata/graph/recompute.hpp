// SPDX-License-Identifier: MIT
// Phases and recomputation. A batch value (a statistic, a reduction) is known only when all images have passed, so its
// readers belong to a later phase. A value that crosses phases must be stored for every image of the batch, unless the
// later phase computes it again from values that are stored anyway: cheaper than memory traffic where an element costs
// a few multiplications. So the first convolution of a digits network is never stored: it is computed in each phase.
#pragma once

#include <strata/graph/edit.hpp>

namespace strata::graph {

struct RecomputeOptions {
  bool enabled = true;
  int macs_per_element = 16;  ///< by group: at most this much arithmetic to make one element again
  // Plans by node (make_again.hpp) have choices of their own.
  int moves_per_element = 10;      ///< at most so many floats are read and written to make one element again
  long least_floats = 1 << 16;     ///< smaller values are stored in any case
  int kept_nodes = 16;             ///< a value made again is kept over so many nodes that do not read it
  bool first_convolution = false;  ///< the output of a convolution of the images is made again too
  int linear_in_a_row = 0;         ///< so many convolutions or dense layers between two stored values are made again too
  constexpr bool operator==(const RecomputeOptions&) const = default;
};

/// A graph whose nodes are ordered by phase: phase[i] never falls.
template <int Capacity>
struct Phased {
  Graph<Capacity> graph;
  int phase[Capacity > 0 ? Capacity : 1]{};
  int phases = 0;
};

/// phase[i]: the number of batch values on the longest chain before node i.
template <int Capacity>
struct Phases {
  int phase[Capacity > 0 ? Capacity : 1]{};
  int count = 0;

  constexpr explicit Phases(const Graph<Capacity>& graph) {
    for (int i = 0; i < graph.count; i++) {
      const Node& node = graph.nodes[i];
      for (int k = 0; k < node.input_count; k++) {
        const int before = phase[node.inputs[k]] + (extent(graph.nodes[node.inputs[k]].op) == Extent::batch);
        if (before > phase[i]) phase[i] = before;
      }
      if (phase[i] >= count) count = phase[i] + 1;
    }
  }
};

constexpr bool cheap(const Node& node, RecomputeOptions options) {
  switch (node.op) {
    case Op::normalize:
    case Op::pointwise:
    case Op::max_pool:
    case Op::flatten: return true;
    case Op::convolution: return macs(node) <= options.macs_per_element * node.mid.size();
    case Op::dense_input_gradient: return macs(node) <= options.macs_per_element * node.out.size();
    default: return false;
  }
}

/// The state of the walk: values of the old graph and where they are in the new one.
template <int Capacity, int From>
struct Recomputation {
  const Graph<From>& graph;
  const Phases<From>& phases;
  RecomputeOptions options;
  Phased<Capacity> result{};
  int home[From > 0 ? From : 1]{};   // where the value is, as first computed
  int here[From > 0 ? From : 1]{};   // where it was last computed ...
  int stamp[From > 0 ? From : 1]{};  // ... in phase stamp - 1

  /// Where phase p reads value i: computed in this phase, made again in it, or stored by an earlier one.
  constexpr int value(int i, int p) {
    if (stamp[i] == p + 1) return here[i];
    return cheap(graph.nodes[i], options) ? compute(i, p) : home[i];
  }
  constexpr int compute(int i, int p) {
    Node node = graph.nodes[i];
    for (int k = 0; k < node.input_count; k++) node.inputs[k] = value(node.inputs[k], p);
    here[i] = result.graph.add(node);
    stamp[i] = p + 1;
    result.phase[here[i]] = p;
    return here[i];
  }
};

/// Phases without a change of order.
template <int Capacity, int From>
constexpr Phased<Capacity> in_order(const Graph<From>& graph) {
  Phased<Capacity> same{resized<Capacity>(graph), {}, 1};
  for (int i = 0, now = 0; i < graph.count; i++) {  // a batch value may be made late: its readers come still later
    const Node& node = graph.nodes[i];
    for (int k = 0; k < node.input_count; k++) {
      const int before = same.phase[node.inputs[k]] + (extent(graph.nodes[node.inputs[k]].op) == Extent::batch);
      if (before > now) now = before;
    }
    same.phase[i] = now;
    same.phases = now + 1;
  }
  return same;
}

/// Orders the nodes by phase, stable within one, and copies cheap nodes into the later phases that read them. Without
/// recomputation the order stays as it is.
template <int Capacity, int From>
constexpr Phased<Capacity> recompute(const Graph<From>& graph, RecomputeOptions options = {}) {
  if (!options.enabled) return in_order<Capacity>(graph);
  const Phases<From> phases(graph);
  int first[From + 2]{}, order[From > 0 ? From : 1]{};  // nodes sorted by phase, by counting
  for (int i = 0; i < graph.count; i++) first[phases.phase[i] + 1]++;
  for (int p = 0; p < phases.count; p++) first[p + 1] += first[p];
  for (int i = 0; i < graph.count; i++) order[first[phases.phase[i]]++] = i;

  Recomputation<Capacity, From> walk{graph, phases, options};
  for (int k = 0; k < graph.count; k++) {
    const int i = order[k];
    walk.home[i] = walk.compute(i, phases.phase[i]);
  }
  walk.result.phases = phases.count;
  if (graph.result >= 0) walk.result.graph.result = walk.home[graph.result];
  return walk.result;
}

/// Nodes that recomputation may need.
template <int Capacity>
constexpr int recomputed_bound(const Graph<Capacity>& graph, RecomputeOptions options = {}) {
  return recompute<3 * Capacity + 64>(graph, options).graph.count;
}

}  // namespace strata::graph

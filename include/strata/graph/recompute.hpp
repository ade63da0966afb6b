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
  int macs_per_element = 16;  ///< at most this much arithmetic to make one element again
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

/// Orders the nodes by phase, stable within one, and copies cheap nodes into the later phases that read them.
template <int Capacity, int From>
constexpr Phased<Capacity> recompute(const Graph<From>& graph, RecomputeOptions options = {}) {
  const Phases<From> phases(graph);
  Phased<Capacity> phased;
  phased.phases = phases.count;
  Graph<Capacity>& result = phased.graph;
  int home[From > 0 ? From : 1]{};  // where the value is in the result, as first computed
  int here[From > 0 ? From : 1]{};  // where it is in the current phase; -1: not computed here
  for (int p = 0; p < phases.count; p++) {
    for (int i = 0; i < graph.count; i++) here[i] = -1;

    // Which values this phase reads from earlier ones, and of these which it makes again (from last to first, so that
    // the inputs of a remade node are considered after it).
    bool read[From > 0 ? From : 1]{};
    for (int i = graph.count - 1; i >= 0; i--) {
      const bool mine = phases.phase[i] == p;
      const bool again = !mine && read[i] && options.enabled && phases.phase[i] < p && cheap(graph.nodes[i], options);
      if (!mine && !again) continue;
      for (int k = 0; k < graph.nodes[i].input_count; k++) read[graph.nodes[i].inputs[k]] = true;
      if (again) here[i] = -2;  // to be made in this phase
    }
    for (int i = 0; i < graph.count; i++) {
      const bool mine = phases.phase[i] == p;
      if (!mine && here[i] != -2) continue;
      Node node = graph.nodes[i];
      for (int k = 0; k < node.input_count; k++) {
        const int input = node.inputs[k];
        node.inputs[k] = here[input] >= 0 ? here[input] : home[input];
      }
      here[i] = result.add(node);
      phased.phase[here[i]] = p;
      if (mine) home[i] = here[i];
      if (i == graph.result) result.result = here[i];
    }
  }
  return phased;
}

/// Nodes that recomputation may need.
template <int Capacity>
constexpr int recomputed_bound(const Graph<Capacity>& graph) {
  return recompute<4 * Capacity + 64>(graph).graph.count;
}

}  // namespace strata::graph

// SPDX-License-Identifier: MIT
// Small tools that the passes share. A pass reads one graph and writes another, in order, and keeps a map from old
// values to new ones. `sweep` removes unused nodes at the end.
#pragma once

#include <strata/graph/op_traits.hpp>

namespace strata::graph {

/// How many nodes read each value; each head counts as one reader of its result.
template <int Capacity>
struct Uses {
  int count[core::at_least_one(Capacity)]{};

  constexpr explicit Uses(const Graph<Capacity>& graph) {
    for (int i = 0; i < graph.count; i++)
      for (const int input : graph.nodes[i].inputs) count[input]++;
    for (int head = 0; head < result_count(graph); head++) count[result_of(graph, head)]++;
  }
};

/// Whether a node must run even if no node reads its value: it writes gradients, sums or running statistics.
constexpr bool has_effect(Op op) { return extent(op) != Extent::image || op == Op::loss; }

/// The node with its inputs renumbered for the new graph.
constexpr Node with_inputs(Node node, const int* moved) {
  for (int& input : node.inputs) input = moved[input];
  return node;
}

/// Gives `to` the results of `from`, renumbered.
template <int Capacity, int From>
constexpr void move_results(Graph<Capacity>& to, const Graph<From>& from, const int* moved) {
  to.result = from.result < 0 ? -1 : moved[from.result];
  to.others = {};
  for (const int other : from.others) to.others.add(moved[other]);
}

/// Removes the nodes on which neither a result nor a node with an effect depends. Inputs stay.
template <int Capacity>
constexpr Graph<Capacity> sweep(const Graph<Capacity>& graph) {
  bool alive[core::at_least_one(Capacity)]{};
  int moved[core::at_least_one(Capacity)]{};
  for (int i = graph.count - 1; i >= 0; i--) {
    if (head_of(graph, i) >= 0 || has_effect(graph.nodes[i].op) || graph.nodes[i].op == Op::input) alive[i] = true;
    if (alive[i])
      for (const int input : graph.nodes[i].inputs) alive[input] = true;
  }
  Graph<Capacity> swept;
  for (int i = 0; i < graph.count; i++) {
    if (!alive[i]) continue;
    moved[i] = swept.add(with_inputs(graph.nodes[i], moved));
  }
  move_results(swept, graph, moved);
  return swept;
}

/// A copy of the graph with another capacity, which must be at least graph.count.
template <int Capacity, int From>
constexpr Graph<Capacity> resized(const Graph<From>& graph) {
  Graph<Capacity> copy;
  for (int i = 0; i < graph.count; i++) copy.nodes[i] = graph.nodes[i];
  copy.count = graph.count;
  copy.result = graph.result;
  copy.others = graph.others;
  return copy;
}

/// Whether a window tiles its input: no padding, no overlap, no gaps. Only such pools are fused.
constexpr bool tiles_its_input(const core::Window& w) {
  const auto tiles = [](const core::Axis& a) { return a == core::Axis::tiles(a.kernel); };
  return tiles(w.rows) && tiles(w.columns);
}

}  // namespace strata::graph

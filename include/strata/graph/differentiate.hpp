// SPDX-License-Identifier: MIT
// Reverse-mode differentiation: appends the backward pass as nodes of the same kind. Visits the forward nodes from the
// last to the first and lets each op's rule (op_traits.hpp) append what it needs. If a value has several readers, their
// gradients are added. Images and frozen parameters get none.
#pragma once

#include <strata/graph/edit.hpp>
#include <strata/graph/op_traits.hpp>

namespace strata::graph {

/// Appends the backward pass to `forward`, whose heads end in losses. functor_reads_input[f]: whether the derivative of
/// functor f takes its input (else its output).
template <int Capacity, int From>
constexpr Graph<Capacity> differentiate(const Graph<From>& forward, const bool* functor_reads_input) {
  Graph<Capacity> graph = resized<Capacity>(forward);
  int adjoint[core::at_least_one(Capacity)]{};
  bool needed[core::at_least_one(Capacity)]{};
  for (int& value : adjoint) value = -1;
  for (int i = 0; i < forward.count; i++) {
    const Node& node = forward.nodes[i];
    needed[i] = (node.weights >= 0 || node.bias >= 0) && !node.frozen;
    for (const int input : node.inputs) needed[i] = needed[i] || needed[input];
  }
  for (int head = 0; head < result_count(forward); head++)
    if (const int result = result_of(forward, head); forward.nodes[result].op == Op::loss) adjoint[result] = result;
  Backward backward{graph.nodes, graph.count, adjoint, needed, functor_reads_input};
  for (int i = forward.count - 1; i >= 0; i--)
    if (adjoint[i] >= 0) traits(forward.nodes[i].op).gradient(backward, i);
  graph.count = backward.count;
  return sweep(graph);
}

/// Upper bound on the nodes of differentiate: the forward nodes, three more for each, and a slice and a sum for every
/// input.
template <int Capacity>
constexpr int differentiated_bound(const Graph<Capacity>& forward) {
  int bound = 0;
  for (int i = 0; i < forward.count; i++) bound += 4 + 2 * forward.nodes[i].inputs.count;
  return bound;
}

}  // namespace strata::graph

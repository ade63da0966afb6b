// SPDX-License-Identifier: MIT
// Prologues. A batch norm, alone or with a ReLU, that only convolutions and their weight gradients read is applied by
// them while they read its raw input, which is stored anyway. The normalized map is never stored. Runs after
// recompute_by_node, so that the copies for the backward pass are absorbed too. (The statistics stay a separate pass:
// computing them in the convolution's epilogue would add 3 operations per output, about the cost of that pass.)
#pragma once

#include <strata/graph/edit.hpp>

namespace strata::graph {

constexpr Prologue::Kind prologue_of_normalize(const Node& node) {
  if (node.op != Op::normalize || node.epilogue.pools ||
      (node.epilogue.functor != no_functor && node.epilogue.functor != relu_functor))
    return Prologue::none;
  return node.epilogue.functor == relu_functor ? Prologue::affine_relu : Prologue::affine;
}

/// The graph with such batch norms moved into the nodes that read them.
template <int Capacity>
constexpr Graph<Capacity> absorb_normalize(const Graph<Capacity>& graph) {
  bool absorbed[core::at_least_one(Capacity)]{};
  for (int i = 0; i < graph.count; i++)
    absorbed[i] = prologue_of_normalize(graph.nodes[i]) != Prologue::none && head_of(graph, i) < 0;
  for (int i = 0; i < graph.count; i++)
    for (int k = 0; k < graph.nodes[i].inputs.count; k++)
      if (graph.nodes[i].inputs.names[k] != Input::x || !traits(graph.nodes[i].op).prologue)
        absorbed[graph.nodes[i].inputs[k]] = false;
  Graph<Capacity> result = graph;
  for (int i = 0; i < graph.count; i++) {
    Node& node = result.nodes[i];
    const int x = node.inputs[Input::x];
    if (x < 0 || !absorbed[x]) continue;
    const Node& normalize = graph.nodes[x];
    node.prologue = {prologue_of_normalize(normalize), normalize.weights, normalize.bias};
    node.inputs.replace(Input::x, normalize.inputs[Input::x]);
    node.inputs.add(Input::statistics, normalize.inputs[Input::statistics]);
  }
  return sweep(result);
}

}  // namespace strata::graph

// SPDX-License-Identifier: MIT
// Epilogues of the backward pass. If a value has several readers, their gradients are added, and a ReLU's gradient may
// follow. Both are fused into an input gradient:
//   sum(other, input gradient)         -> input gradient that adds `other` (which precedes it)
//   ReLU's gradient of that, y         -> input gradient with ReLU's functor: its value is 0 where its last input y is
//                                         not positive
// For back ends whose matrix products support such epilogues: the join of a residual block is then one node, and its
// gradient is traversed once instead of three times. Runs last, because y may be a recomputed value.
#pragma once

#include <strata/graph/edit.hpp>

namespace strata::graph {

template <int Capacity>
constexpr Graph<Capacity> join_gradients(const Graph<Capacity>& graph) {
  const Uses<Capacity> uses(graph);
  Graph<Capacity> result;
  int moved[Capacity > 0 ? Capacity : 1]{};
  for (int i = 0; i < graph.count; i++) {
    const Node node = with_inputs(graph.nodes[i], moved);
    const bool pair = node.op == Op::sum && node.input_count == 2 && node.functor == no_functor && !node.pools;
    const bool mask = node.op == Op::pointwise_gradient && node.functor == relu_functor;
    if (pair || mask) {
      const int into = pair && node.inputs[1] > node.inputs[0] ? 1 : 0;
      const int other = node.inputs[1 - into];
      Node& product = result.nodes[node.inputs[into]];
      if (traits(product.op).joins && uses.count[graph.nodes[i].inputs[into]] == 1 && product.functor == no_functor &&
          other < node.inputs[into] && !(pair && product.adds)) {
        if (mask) product.functor = relu_functor;
        else product.adds = true;
        add_input(product, other);
        moved[i] = node.inputs[into];
        continue;
      }
    }
    moved[i] = result.add(node);
  }
  result.result = graph.result < 0 ? -1 : moved[graph.result];
  return result;
}

}  // namespace strata::graph

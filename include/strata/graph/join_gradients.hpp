// SPDX-License-Identifier: MIT
// Epilogues of the backward pass. If a value has several readers, their gradients are added, and a ReLU's gradient may
// follow. Both are fused into an input gradient:
//   sum(other, input gradient)         -> input gradient that adds `other` (which precedes it)
//   ReLU's gradient of that, y         -> input gradient with the mask y: its value is 0 where y is not positive
// For back ends whose matrix products support such epilogues: the join of a residual block is then one node, and its
// gradient is traversed once instead of three times. Runs last, because y may be a recomputed value.
#pragma once

#include <strata/graph/edit.hpp>

namespace strata::graph {

template <int Capacity>
constexpr Graph<Capacity> join_gradients(const Graph<Capacity>& graph) {
  const Uses<Capacity> uses(graph);
  Graph<Capacity> result;
  int moved[core::at_least_one(Capacity)]{};
  for (int i = 0; i < graph.count; i++) {
    const Node node = with_inputs(graph.nodes[i], moved);
    const bool pair =
        node.op == Op::sum && node.inputs.count == 2 && node.epilogue.functor == no_functor && !node.epilogue.pools;
    const bool mask = node.op == Op::pointwise_gradient && node.epilogue.functor == relu_functor;
    if (pair || mask) {
      const int later = node.inputs[1] > node.inputs[0] ? 1 : 0;  // of the two terms
      const int into = mask ? node.inputs[Input::dy] : node.inputs[later];
      const int other = mask ? node.inputs[Input::argument] : node.inputs[1 - later];
      const Inputs& before = graph.nodes[i].inputs;
      const int readers = uses.count[mask ? before[Input::dy] : before[later]];
      Node& product = result.nodes[into];
      if (traits(product.op).joins && readers == 1 && other < into && !product.inputs.has(Input::mask) &&
          !(pair && product.inputs.has(Input::residual))) {
        product.inputs.add(mask ? Input::mask : Input::residual, other);
        moved[i] = into;
        continue;
      }
    }
    moved[i] = result.add(node);
  }
  move_results(result, graph, moved);
  return result;
}

}  // namespace strata::graph

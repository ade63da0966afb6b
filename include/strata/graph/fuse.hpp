// SPDX-License-Identifier: MIT
// Epilogues: fuses an operation into the node before it.
//   sum(conv, other)   -> conv that adds `other`, which must come before it
//   node, pointwise    -> node with a functor
//   node, max pool     -> node that pools, if the pool tiles its input and the unpooled map is small
// The traits of an op say which of them it takes, and in which plans. In inference, convolutions of all kinds take a
// residual and a functor.
// In training only `normalize` takes epilogues, and before differentiation: its gradient then needs only the raw input
// of the batch norm, so a batch-normed activation is stored once. (Fusing afterwards would have to find the same
// pattern again among the gradients.)
#pragma once

#include <strata/graph/edit.hpp>
#include <strata/graph/plan.hpp>

namespace strata::graph {

struct FuseOptions {
  long pooled_floats = 1 << 16;  ///< floats of the largest map that is pooled inside its producer
  bool prologues = true;         ///< absorb_normalize.hpp, in training by node
  bool joins = false;            ///< join_gradients.hpp, in training by node, if input gradients support epilogues
  constexpr bool operator==(const FuseOptions&) const = default;
};

/// Whether plans of that mode fuse, by what an entry of the op's traits says.
constexpr bool fuses(Fuses when, Mode mode) {
  return when == (mode == Mode::training ? Fuses::in_training : Fuses::in_inference);
}

/// The graph with epilogues fused.
template <int Capacity>
constexpr Graph<Capacity> fuse(const Graph<Capacity>& graph, Mode mode, FuseOptions options = {}) {
  const Uses<Capacity> uses(graph);
  Graph<Capacity> result;
  int moved[core::at_least_one(Capacity)]{};
  for (int i = 0; i < graph.count; i++) {
    Node node = with_inputs(graph.nodes[i], moved);
    const int first = node.inputs.first();
    const bool only_reader = first >= 0 && uses.count[graph.nodes[i].inputs.first()] == 1;

    if (node.op == Op::sum && node.inputs.count == 2) {
      const int last = node.inputs[0] > node.inputs[1] ? 0 : 1;  // of the two terms; the other must precede its user
      Node& producer = result.nodes[node.inputs[last]];
      if (fuses(traits(producer.op).residual, mode) && producer.epilogue.functor == no_functor &&
          !producer.inputs.has(Input::residual) && !producer.epilogue.pools &&
          uses.count[graph.nodes[i].inputs[last]] == 1) {
        moved[i] = node.inputs[last];
        producer.inputs.add(Input::residual, node.inputs[1 - last]);
        continue;
      }
    }
    if (node.op == Op::pointwise && only_reader) {
      Node& producer = result.nodes[first];
      if (fuses(traits(producer.op).functor, mode) && producer.epilogue.functor == no_functor &&
          !producer.epilogue.pools) {
        producer.epilogue.functor = node.epilogue.functor;
        moved[i] = first;
        continue;
      }
    }
    if (node.op == Op::max_pool && only_reader && tiles_its_input(node.window)) {
      Node& producer = result.nodes[first];
      if (fuses(traits(producer.op).pool, mode) && !producer.epilogue.pools &&
          producer.mid.size() <= options.pooled_floats) {
        producer.epilogue.pools = true;
        producer.epilogue.pool = node.window;
        producer.out = node.out;
        moved[i] = first;
        continue;
      }
    }
    moved[i] = result.add(node);
  }
  move_results(result, graph, moved);
  return result;
}

}  // namespace strata::graph

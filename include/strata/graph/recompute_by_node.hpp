// SPDX-License-Identifier: MIT
// Memory of a training plan by node. The backward pass reads many values of the forward pass. The cheap ones (a batch
// norm with its functor, a sum, a concat, an enlargement) are recomputed just before they are read, from values that
// are stored anyway, so they need no memory while the rest of the network runs. They are chosen in order of the forward
// pass, so that the cost of a chain counts from its last stored value. On request linear nodes are recomputed as well:
// the network is then cut into blocks of `linear_in_a_row` linear nodes, and only the inputs of the blocks are stored.
#pragma once

#include <strata/graph/recompute.hpp>

namespace strata::graph {

/// Decides which forward values stay stored and which the backward pass recomputes.
template <int Capacity>
struct Stored {
  bool recomputable[core::at_least_one(Capacity)]{};  // by its op
  bool stored[core::at_least_one(Capacity)]{};        // the backward pass finds the value in memory
  long moves[core::at_least_one(Capacity)]{};         // floats read and written to compute the value from stored ones
  long extra[core::at_least_one(Capacity)]{};         // floats that must be stored only for that
  int linear[core::at_least_one(Capacity)]{};         // most linear nodes on a path from stored values

  constexpr Stored(const Graph<Capacity>& graph, RecomputeOptions options) {
    bool read[core::at_least_one(Capacity)]{};    // by the backward pass
    bool starts[core::at_least_one(Capacity)]{};  // read by a linear node
    const bool blocks = options.linear_in_a_row > 0;
    const int loss = last_result(graph);
    for (int i = 0; i <= loss; i++)
      if (is_linear(graph.nodes[i].op)) starts[graph.nodes[i].inputs[Input::x]] = true;
    for (int i = loss + 1; i < graph.count; i++)
      for (const int input : graph.nodes[i].inputs) read[input] = true;
    for (int i = 0; i <= loss; i++) {
      const Node& node = graph.nodes[i];
      const long size = node.out.size();
      if (extent(node.op) != Extent::image) {
        stored[i] = true;
        continue;
      }
      recomputable[i] = traits(node.op).by_node || (blocks && (is_linear(node.op) || node.op == Op::resize_taps)) ||
                        (options.first_convolution && node.op == Op::convolution &&
                         graph.nodes[node.inputs[Input::x]].op == Op::input);
      if (!recomputable[i]) {
        stored[i] = read[i] || blocks;
        extra[i] = read[i] ? 0 : size;
        continue;
      }
      moves[i] = size + (node.epilogue.pools ? node.mid.size() : 0);
      for (const int input : node.inputs) {
        if (extent(graph.nodes[input].op) != Extent::image) continue;
        moves[i] += graph.nodes[input].out.size() + (stored[input] ? 0 : moves[input]);
        if (stored[input]) continue;
        extra[i] += extra[input];
        if (linear[input] > linear[i]) linear[i] = linear[input];
      }
      if (blocks) {
        linear[i] += is_linear(node.op);
        stored[i] = (read[i] && size < options.least_floats) || (starts[i] && linear[i] >= options.linear_in_a_row);
        continue;
      }
      if (!read[i]) continue;
      if (size < options.least_floats || moves[i] > options.moves_per_element * size || extra[i] >= size)
        stored[i] = true;
      else if (extra[i] > 0) store_sources(graph, i);
    }
  }

  /// Stores the values from which value i is recomputed.
  constexpr void store_sources(const Graph<Capacity>& graph, int i) {
    extra[i] = 0;
    for (const int input : graph.nodes[i].inputs) {
      if (stored[input] || extra[input] == 0) continue;
      if (recomputable[input]) store_sources(graph, input);
      else stored[input] = true;
    }
  }
};

/// The state of the traversal of the backward pass.
template <int Capacity, int From>
struct RecomputationByNode {
  const Graph<From>& graph;
  const Stored<From>& values;
  RecomputeOptions options;
  int loss;  // the last one, which ends the forward pass
  Graph<Capacity> result{};
  int moved[core::at_least_one(From)]{};      // old value -> new one
  int copy[core::at_least_one(From)]{};       // the latest copy of a forward value ...
  int last_read[core::at_least_one(From)]{};  // ... and the node that last read it; 0: none

  /// The value that node `reader` reads for value i: the stored value if i is stored or there is no room for another
  /// node, else a copy.
  constexpr int value(int i, int reader, int pending = 0) {
    if (i > loss || values.stored[i]) return moved[i];
    const bool expensive = options.linear_in_a_row > 0 && is_linear(graph.nodes[i].op);  // recomputed at most once
    const bool alive = last_read[i] > 0 && (expensive || reader - last_read[i] <= options.kept_nodes);
    if (!alive) {
      if (result.count + (graph.count - reader) + pending + 1 > Capacity) return moved[i];
      Node node = graph.nodes[i];
      for (int& input : node.inputs) input = value(input, reader, pending + 1);
      copy[i] = result.add(node);
    }
    last_read[i] = reader;
    return copy[i];
  }
};

/// The graph with copies of cheap forward nodes before the backward nodes that read them. Capacity is that of the
/// result; twice the number of nodes is plenty.
template <int Capacity, int From>
constexpr Graph<Capacity> recompute_by_node(const Graph<From>& graph, RecomputeOptions options) {
  if (graph.result < 0 || graph.nodes[graph.result].op != Op::loss) return resized<Capacity>(graph);
  const Stored<From> values(graph, options);
  RecomputationByNode<Capacity, From> walk{graph, values, options, last_result(graph)};
  for (int i = 0; i < graph.count; i++) {
    Node node = graph.nodes[i];
    for (int& input : node.inputs) input = i > walk.loss ? walk.value(input, i) : input;
    walk.moved[i] = walk.result.add(node);
  }
  walk.result.result = graph.result;
  walk.result.others = graph.others;
  return walk.result;
}

}  // namespace strata::graph

// SPDX-License-Identifier: MIT
// Memory of a training plan by node. The backward pass reads many values of the forward pass; those that cost little
// (a batch norm with its functor, a sum, a concat, an enlargement) are made again just before it reads them, from values
// that are stored anyway, and so need no memory while the rest of the network runs. Which ones is decided in order of the
// forward pass, so that the cost of a chain counts from its last stored value. On request linear nodes are made again as
// well: then the network is cut into blocks of so many of them, and only what a block starts from is stored.
#pragma once

#include <strata/graph/recompute.hpp>

namespace strata::graph {

/// What can be made again at all: a pass or two over memory for each element.
constexpr bool is_light(Op op) {
  switch (op) {
    case Op::input:
    case Op::batch_norm:
    case Op::normalize:
    case Op::pointwise:
    case Op::max_pool:
    case Op::average_pool:
    case Op::sum:
    case Op::concat:
    case Op::resize:
    case Op::broadcast:
    case Op::crop:
    case Op::flatten: return true;
    default: return false;
  }
}

/// What blocks are counted in.
constexpr bool is_linear(Op op) {
  return op == Op::convolution || op == Op::depthwise_convolution || op == Op::transposed_convolution || op == Op::dense;
}

/// Which forward values the backward pass makes again.
template <int Capacity>
struct Stored {
  bool again[Capacity > 0 ? Capacity : 1]{};   // can be made again, by its kind
  bool stored[Capacity > 0 ? Capacity : 1]{};  // the backward pass finds the value in memory
  long moves[Capacity > 0 ? Capacity : 1]{};   // floats read and written to make the value from stored ones
  long extra[Capacity > 0 ? Capacity : 1]{};   // floats that would have to be stored for that and otherwise are not
  int linear[Capacity > 0 ? Capacity : 1]{};   // linear nodes on the way from stored values

  constexpr Stored(const Graph<Capacity>& graph, RecomputeOptions options) {
    bool read[Capacity > 0 ? Capacity : 1]{};  // by the backward pass
    bool starts[Capacity > 0 ? Capacity : 1]{};  // is read by a linear node
    const bool blocks = options.linear_in_a_row > 0;
    for (int i = 0; i <= graph.result; i++)
      if (is_linear(graph.nodes[i].op)) starts[graph.nodes[i].inputs[0]] = true;
    for (int i = graph.result + 1; i < graph.count; i++)
      for (int k = 0; k < graph.nodes[i].input_count; k++) read[graph.nodes[i].inputs[k]] = true;
    for (int i = 0; i <= graph.result; i++) {
      const Node& node = graph.nodes[i];
      const long size = node.out.size();
      if (extent(node.op) != Extent::image) {
        stored[i] = true;
        continue;
      }
      again[i] = is_light(node.op) || (blocks && (is_linear(node.op) || node.op == Op::resize_taps)) ||
                 (options.first_convolution && node.op == Op::convolution && graph.nodes[node.inputs[0]].op == Op::input);
      if (!again[i]) {
        stored[i] = read[i] || blocks;
        extra[i] = read[i] ? 0 : size;
        continue;
      }
      moves[i] = size + (node.pools ? node.mid.size() : 0);
      for (int k = 0; k < node.input_count; k++) {
        const int input = node.inputs[k];
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
      if (size < options.least_floats || moves[i] > options.moves_per_element * size || extra[i] >= size) stored[i] = true;
      else if (extra[i] > 0) store_sources(graph, i);
    }
  }

  /// What value i is made from stays in memory.
  constexpr void store_sources(const Graph<Capacity>& graph, int i) {
    extra[i] = 0;
    for (int k = 0; k < graph.nodes[i].input_count; k++) {
      const int input = graph.nodes[i].inputs[k];
      if (stored[input] || extra[input] == 0) continue;
      if (again[input]) store_sources(graph, input);
      else stored[input] = true;
    }
  }
};

/// The state of the walk over the backward pass.
template <int Capacity, int From>
struct MakingAgain {
  const Graph<From>& graph;
  const Stored<From>& values;
  RecomputeOptions options;
  Graph<Capacity> result{};
  int moved[From > 0 ? From : 1]{};      // old value -> new one
  int copy[From > 0 ? From : 1]{};       // where a forward value was last made again ...
  int last_read[From > 0 ? From : 1]{};  // ... and the node that last read that, 0: none

  /// What node `reader` reads for value i. Where room for nodes runs out the value stays in memory after all.
  constexpr int value(int i, int reader, int pending = 0) {
    if (i > graph.result || values.stored[i]) return moved[i];
    const bool dear = options.linear_in_a_row > 0 && is_linear(graph.nodes[i].op);  // never made a third time
    const bool alive = last_read[i] > 0 && (dear || reader - last_read[i] <= options.kept_nodes);
    if (!alive) {
      if (result.count + (graph.count - reader) + pending + 1 > Capacity) return moved[i];
      Node node = graph.nodes[i];
      for (int k = 0; k < node.input_count; k++) node.inputs[k] = value(node.inputs[k], reader, pending + 1);
      copy[i] = result.add(node);
    }
    last_read[i] = reader;
    return copy[i];
  }
};

/// The graph with copies of light forward nodes in front of the backward nodes that read them. Capacity: of the result;
/// twice the nodes are plenty.
template <int Capacity, int From>
constexpr Graph<Capacity> make_again(const Graph<From>& graph, RecomputeOptions options) {
  if (graph.result < 0 || graph.nodes[graph.result].op != Op::loss) return resized<Capacity>(graph);
  const Stored<From> values(graph, options);
  MakingAgain<Capacity, From> walk{graph, values, options};
  for (int i = 0; i < graph.count; i++) {
    Node node = graph.nodes[i];
    for (int k = 0; k < node.input_count; k++) node.inputs[k] = i > graph.result ? walk.value(node.inputs[k], i) : node.inputs[k];
    walk.moved[i] = walk.result.add(node);
  }
  walk.result.result = graph.result;
  return walk.result;
}

}  // namespace strata::graph

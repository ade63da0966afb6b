// SPDX-License-Identifier: MIT
// Reverse-mode differentiation: appends the backward pass as nodes of the same kind. Visits the forward nodes from the
// last to the first; adjoint[i] is the value that holds d loss / d value i. If a value has several readers, their
// adjoints are added. Images and frozen parameters get no gradients.
#pragma once

#include <strata/graph/edit.hpp>

namespace strata::graph {

constexpr Op input_gradient(Op op) {
  switch (op) {
    case Op::convolution: return Op::convolution_input_gradient;
    case Op::depthwise_convolution: return Op::depthwise_convolution_input_gradient;
    case Op::transposed_convolution: return Op::transposed_convolution_input_gradient;
    case Op::dense: return Op::dense_input_gradient;
    case Op::pointwise: return Op::pointwise_gradient;
    case Op::max_pool: return Op::max_pool_gradient;
    case Op::average_pool: return Op::average_pool_gradient;
    case Op::global_average_pool: return Op::global_average_pool_gradient;
    case Op::dropout: return Op::dropout_gradient;
    case Op::softmax: return Op::softmax_gradient;
    case Op::concat: return Op::concat_gradient;
    case Op::resize: return Op::resize_gradient;
    case Op::resize_taps: return Op::resize_taps_gradient;
    case Op::crop: return Op::crop_gradient;
    case Op::broadcast: return Op::broadcast_gradient;
    case Op::flatten: return Op::flatten_gradient;
    default: return Op::normalize_input_gradient;
  }
}

constexpr Op weight_gradient(Op op) {
  switch (op) {
    case Op::depthwise_convolution: return Op::depthwise_convolution_weight_gradient;
    case Op::transposed_convolution: return Op::transposed_convolution_weight_gradient;
    case Op::dense: return Op::dense_weight_gradient;
    default: return Op::convolution_weight_gradient;
  }
}

constexpr bool has_weights(Op op) {
  return op == Op::convolution || op == Op::depthwise_convolution || op == Op::transposed_convolution ||
         op == Op::dense;
}

/// The state of the traversal, which appends the gradient nodes.
template <int Capacity>
struct Differentiation {
  Graph<Capacity> graph;
  int adjoint[Capacity > 0 ? Capacity : 1]{};
  bool needed[Capacity > 0 ? Capacity : 1]{};  // value i depends on a parameter that learns

  /// d loss / d value += contribution
  constexpr void accumulate(int value, int contribution) {
    if (!needed[value]) return;
    if (adjoint[value] < 0) {
      adjoint[value] = contribution;
      return;
    }
    const Shape shape = graph.nodes[value].out;
    Node sum{.op = Op::sum, .in = shape, .out = shape, .mid = shape, .layer = graph.nodes[value].layer};
    add_input(sum, adjoint[value]);
    add_input(sum, contribution);
    adjoint[value] = graph.add(sum);
  }

  /// A gradient node with the attributes of `forward` that reads dy.
  constexpr Node derived(const Node& forward, Op op, int dy, Shape out) const {
    Node node = forward;
    node.op = op;
    node.in = forward.out;
    node.out = out;
    node.input_count = 0;
    for (int& input : node.inputs) input = -1;
    add_input(node, dy);
    return node;
  }

  /// Appends the gradient nodes of forward node i.
  constexpr void backward(int i, const bool* functor_reads_input) {
    const Node forward = graph.nodes[i];
    const int dy = adjoint[i], x = forward.input_count > 0 ? forward.inputs[0] : -1;
    if (forward.op == Op::loss) {
      accumulate(x, i);
      return;
    }
    if (dy < 0 || x < 0 || forward.op == Op::batch_statistics) return;
    const Shape shape = graph.nodes[x].out;

    if (forward.op == Op::sum) {
      for (int k = 0; k < forward.input_count; k++) accumulate(forward.inputs[k], dy);
      return;
    }
    if (forward.op == Op::concat) {
      for (int k = 0, channel = 0; k < forward.input_count; k++) {
        const Shape part = graph.nodes[forward.inputs[k]].out;
        Node slice = derived(forward, Op::concat_gradient, dy, part);
        slice.mid = part;
        slice.offset_channel = channel;
        channel += part.channels;
        if (needed[forward.inputs[k]]) accumulate(forward.inputs[k], graph.add(slice));
      }
      return;
    }
    if (forward.op == Op::normalize) {
      Node reductions = derived(forward, Op::normalize_reductions, dy, {1, 1, 2 * shape.channels});
      add_input(reductions, x);
      add_input(reductions, forward.inputs[1]);
      Node gradient = derived(forward, Op::normalize_input_gradient, dy, shape);
      add_input(gradient, x);
      add_input(gradient, forward.inputs[1]);
      add_input(gradient, graph.add(reductions));
      if (needed[x]) accumulate(x, graph.add(gradient));
      return;
    }
    if (has_weights(forward.op) && !forward.frozen) {
      Node weights = derived(forward, weight_gradient(forward.op), dy, forward.out);
      weights.in = shape;
      weights.inputs[0] = x;
      weights.inputs[1] = dy;
      weights.input_count = 2;
      graph.add(weights);
    }
    if (forward.op == Op::resize_taps && forward.adds) accumulate(forward.inputs[1], dy);
    if (!needed[x]) return;
    Node gradient = derived(forward, input_gradient(forward.op), dy, shape);
    gradient.mid = shape;
    gradient.adds = false;
    if (forward.op == Op::pointwise) add_input(gradient, functor_reads_input[forward.functor] ? x : i);
    if (forward.op == Op::max_pool) add_input(gradient, x);
    if (forward.op == Op::softmax) add_input(gradient, i);
    accumulate(x, graph.add(gradient));
  }
};

/// Appends the backward pass to `forward`, which ends in a loss. functor_reads_input[f]: whether the derivative of
/// functor f takes its input (else its output).
template <int Capacity, int From>
constexpr Graph<Capacity> differentiate(const Graph<From>& forward, const bool* functor_reads_input) {
  Differentiation<Capacity> d{resized<Capacity>(forward)};
  for (int& value : d.adjoint) value = -1;
  for (int i = 0; i < forward.count; i++) {
    const Node& node = forward.nodes[i];
    d.needed[i] = (node.weights >= 0 || node.bias >= 0) && !node.frozen;
    for (int k = 0; k < node.input_count; k++) d.needed[i] = d.needed[i] || d.needed[node.inputs[k]];
  }
  for (int i = forward.count - 1; i >= 0; i--) d.backward(i, functor_reads_input);
  return sweep(d.graph);
}

/// Upper bound on the nodes of differentiate: the forward nodes, three more for each, and a slice and a sum for every
/// input.
template <int Capacity>
constexpr int differentiated_bound(const Graph<Capacity>& forward) {
  int bound = 0;
  for (int i = 0; i < forward.count; i++) bound += 4 + 2 * forward.nodes[i].input_count;
  return bound;
}

}  // namespace strata::graph

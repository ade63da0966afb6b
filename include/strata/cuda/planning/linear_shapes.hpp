// SPDX-License-Identifier: MIT
// Every linear layer is a convolution to cuDNN: a dense layer is a 1x1 convolution over H W C channels, since its
// weights are stored as [o][H W][C]; a transposed convolution is the input gradient of a convolution.
#pragma once

#include <strata/graph/op_traits.hpp>

#include <utility>

namespace strata::cuda {

using graph::Node;
using graph::Op;

/// Whether cuDNN computes the operation: a product of two tensors that involves weights or their gradient.
constexpr bool multiplies_weights(Op op) { return graph::product(op) != graph::Product::none; }
constexpr bool is_weight_gradient(Op op) { return graph::product(op) == graph::Product::weight_gradient; }
constexpr bool is_input_gradient(Op op) { return graph::product(op) == graph::Product::input_gradient; }
constexpr bool is_dense(Op op) { return graph::forward_of(op) == Op::dense; }
constexpr bool is_depthwise(Op op) { return graph::forward_of(op) == Op::depthwise_convolution; }
constexpr bool is_transposed(Op op) { return graph::forward_of(op) == Op::transposed_convolution; }

/// The convolution in a linear node: its input, output and weights, whichever of them the node computes.
struct LinearShapes {
  Shape x, y;  ///< of the convolution: y = x * w
  core::Window window;
  long weight_inner = 0;  ///< channels of x that one channel of y reads
};

constexpr LinearShapes linear_shapes(const Node& node) {
  Shape from = node.in, to = is_weight_gradient(node.op) || is_input_gradient(node.op) ? node.out : node.mid;
  if (is_input_gradient(node.op)) std::swap(from, to);  // the layer's input, the layer's output
  LinearShapes s{from, to, node.window, from.channels / node.groups};
  if (is_dense(node.op)) {
    s.x = {1, 1, int(from.size())}, s.y = {1, 1, to.channels}, s.window = core::Window{};
    s.weight_inner = from.size();
  }
  if (is_depthwise(node.op)) s.weight_inner = 1;
  if (is_transposed(node.op)) {
    std::swap(s.x, s.y);
    s.weight_inner = to.channels;
  }
  return s;
}

/// How the weights of a linear node are stored: PyTorch's [outer][inner][taps] as [outer][taps][inner].
struct WeightOrder {
  long offset = 0;
  int outer = 0, inner = 0, taps = 1;
  constexpr long size() const { return long(outer) * inner * taps; }
  constexpr bool operator==(const WeightOrder&) const = default;
};

constexpr WeightOrder weight_order(const Node& node) {
  const LinearShapes s = linear_shapes(node);
  if (is_dense(node.op)) {
    const Shape x = is_input_gradient(node.op) ? node.out : node.in;
    return {node.weights, s.y.channels, x.channels, x.pixels()};
  }
  return {node.weights, s.y.channels, int(s.weight_inner), s.window.taps()};
}

}  // namespace strata::cuda

// SPDX-License-Identifier: MIT
// Forward graphs built by hand, so that the passes are tested without the language.
#pragma once

#include <strata/graph/edit.hpp>

namespace strata::graph {

constexpr core::Window window_3x3 = core::Window::square(core::Axis::same(3));
constexpr core::Window window_2x2 = core::Window::square(core::Axis::tiles(2));

/// Adds `node` after value x, with in and mid filled in.
template <int Capacity>
constexpr int append(Graph<Capacity>& graph, Node node, int x) {
  if (x >= 0) {
    node.in = graph.nodes[x].out;
    node.inputs.add(Input::x, x);
  }
  node.mid = node.out;
  return graph.result = graph.add(node);
}

struct Offsets {
  int weights = 0, buffers = 0;
};

/// convolution 3x3, batch norm, relu.
template <int Capacity>
constexpr int append_block(Graph<Capacity>& graph, int x, int channels, Offsets& at) {
  const Shape in = graph.nodes[x].out, out{in.height, in.width, channels};
  const int kernel = 9 * in.channels * channels;
  x = append(
      graph,
      {.op = Op::convolution, .out = out, .window = window_3x3, .weights = at.weights, .bias = at.weights + kernel}, x);
  at.weights += kernel + channels;
  x = append(
      graph,
      {.op = Op::batch_norm, .out = out, .weights = at.weights, .bias = at.weights + channels, .buffers = at.buffers},
      x);
  at.weights += 2 * channels, at.buffers += 2 * channels;
  return append(graph, {.op = Op::pointwise, .out = out, .epilogue = {.functor = relu_functor}}, x);
}

/// The digits network: 14 nodes.
constexpr Graph<14> digits_graph() {
  Graph<14> graph;
  Offsets at{0, 2};
  int x = append(graph, {.op = Op::input, .out = {28, 28, 1}, .buffers = 0}, -1);
  x = append_block(graph, x, 8, at);
  x = append(graph, {.op = Op::max_pool, .out = {14, 14, 8}, .window = window_2x2}, x);
  x = append_block(graph, x, 16, at);
  x = append(graph, {.op = Op::max_pool, .out = {7, 7, 16}, .window = window_2x2}, x);
  x = append_block(graph, x, 32, at);
  x = append(graph, {.op = Op::dense, .out = {1, 1, 10}, .weights = at.weights, .bias = at.weights + 15680}, x);
  append(graph, {.op = Op::softmax, .out = {1, 1, 10}}, x);
  return graph;
}

/// conv -> (conv -> ) sum with a skip, a dropout, a concat of two branches, flatten, dense, softmax.
constexpr Graph<16> branched_graph() {
  Graph<16> graph;
  int x = append(graph, {.op = Op::input, .out = {6, 5, 2}, .buffers = 0}, -1);
  x = append(graph, {.op = Op::convolution, .out = {6, 5, 4}, .window = window_3x3, .weights = 0, .bias = 72}, x);
  const int skip = x;
  x = append(graph, {.op = Op::convolution, .out = {6, 5, 4}, .window = window_3x3, .weights = 76, .bias = 220}, x);
  x = append(graph, {.op = Op::sum, .out = {6, 5, 4}}, x);
  graph.nodes[x].inputs.add(Input::x, skip);
  x = append(graph, {.op = Op::pointwise, .out = {6, 5, 4}, .epilogue = {.functor = relu_functor}}, x);
  x = append(graph, {.op = Op::dropout, .out = {6, 5, 4}, .probability = 0.5}, x);
  x = append(graph, {.op = Op::concat, .out = {6, 5, 8}}, x);
  graph.nodes[x].inputs.add(Input::x, skip);
  x = append(graph, {.op = Op::batch_norm, .out = {6, 5, 8}, .weights = 224, .bias = 232, .buffers = 2}, x);
  x = append(graph, {.op = Op::flatten, .out = {1, 1, 240}}, x);
  x = append(graph, {.op = Op::dense, .out = {1, 1, 3}, .weights = 240, .bias = 960}, x);
  append(graph, {.op = Op::softmax, .out = {1, 1, 3}}, x);
  return graph;
}

/// `Blocks` times convolution, batch norm, relu, then dense and softmax: 3 Blocks + 3 nodes.
template <int Blocks>
constexpr auto chain_graph() {
  Graph<3 * Blocks + 3> graph;
  Offsets at{0, 16};
  int x = append(graph, {.op = Op::input, .out = {12, 12, 8}, .buffers = 0}, -1);
  for (int block = 0; block < Blocks; block++) x = append_block(graph, x, 8 + block % 3, at);
  x = append(graph, {.op = Op::dense, .out = {1, 1, 10}, .weights = at.weights, .bias = at.weights + 14400}, x);
  append(graph, {.op = Op::softmax, .out = {1, 1, 10}}, x);
  return graph;
}

template <int Capacity>
constexpr int count_of(const Graph<Capacity>& graph, Op op) {
  int count = 0;
  for (int i = 0; i < graph.count; i++) count += graph.nodes[i].op == op;
  return count;
}

/// The first node with this op, or -1.
template <int Capacity>
constexpr int find(const Graph<Capacity>& graph, Op op) {
  for (int i = 0; i < graph.count; i++)
    if (graph.nodes[i].op == op) return i;
  return -1;
}

/// Whether the names of the node's inputs are plausible: x or dy first, no name twice except where all inputs are
/// alike, statistics where a batch norm is applied, a mask only where gradients are joined.
constexpr bool well_named(const Node& node) {
  const Inputs& in = node.inputs;
  for (int k = 1; k < in.count; k++)
    if (in.index(in.names[k]) != k && node.op != Op::sum && node.op != Op::concat) return false;
  if (in.count > 0 && in.names[0] != Input::x && in.names[0] != Input::dy) return false;
  const Op layer = forward_of(node.op);
  const bool normalizes = layer == Op::normalize || layer == Op::group_norm;
  if (in.has(Input::statistics) != (normalizes || node.prologue.kind != Prologue::none)) return false;
  return !in.has(Input::mask) || traits(node.op).joins;
}

/// Whether inputs come before their readers, their names are plausible and shapes agree.
template <int Capacity>
constexpr bool well_formed(const Graph<Capacity>& graph) {
  for (int i = 0; i < graph.count; i++) {
    const Node& node = graph.nodes[i];
    if (!well_named(node)) return false;
    for (const int input : node.inputs)
      if (input < 0 || input >= i) return false;
    if (node.inputs.count > 0 && extent(node.op) != Extent::none && !(graph.nodes[node.inputs.first()].out == node.in))
      return false;
  }
  return true;
}

}  // namespace strata::graph

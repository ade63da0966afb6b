// SPDX-License-Identifier: MIT
// Exact algebra: the rewritten graph computes the same function; only rounding may differ.
//   crop, slice or pad to the same size, pixel shuffle by 1 -> nothing
//   dropout                          -> nothing (inference, or probability 0)
//   convolution of a map in zeros    -> convolution that pads more
//   flatten before dense             -> nothing: dense reads its input in the order channel, row, column anyway
//   batch norm after a linear node   -> folded into its weights and bias (inference)
//   batch norm elsewhere             -> stays (inference)
//   batch norm                       -> batch_statistics and normalize (training)
//   conv of concat with enlarged map -> without either (concat_of_resize.hpp)
//   1x1 conv of an enlarged map      -> enlarged 1x1 conv (mix_before_resize.hpp)
//   softmax as the head              -> loss, whose value is the gradient of the logits (training)
//   resize, crop before that head    -> done by the loss or softmax, so that no full-size map of scores is stored
#pragma once

#include <strata/graph/concat_of_resize.hpp>
#include <strata/graph/mix_before_resize.hpp>
#include <strata/graph/plan.hpp>

namespace strata::graph {

/// Whether the node does nothing: it is replaced by its input.
template <int Capacity>
constexpr bool vanishes(const Graph<Capacity>& graph, const Node& node, Mode mode) {
  if (node.op == Op::dropout) return mode == Mode::inference || node.probability == 0;
  const bool moves = node.op == Op::crop || node.op == Op::slice || node.op == Op::pad ||
                     node.op == Op::pixel_shuffle || node.op == Op::pixel_unshuffle;
  return moves && node.out == graph.nodes[node.inputs[Input::x]].out;
}

/// The value before any flattens.
template <int Capacity>
constexpr int unflattened(const Graph<Capacity>& graph, int value) {
  return graph.nodes[value].op == Op::flatten ? unflattened(graph, graph.nodes[value].inputs[Input::x]) : value;
}

/// Moves the crop and the resize before the head, a loss or softmax, into the head.
template <int Capacity>
constexpr void absorb_resize(const Graph<Capacity>& graph, Node& head) {
  const Node* before = &graph.nodes[head.inputs[Input::x]];
  if (before->op == Op::crop) {
    head.offset_y = before->offset_y, head.offset_x = before->offset_x;
    head.inputs.replace(Input::x, before->inputs[Input::x]);
    before = &graph.nodes[head.inputs[Input::x]];
  }
  if (before->op == Op::resize) {
    head.factor = before->factor, head.mode = before->mode;
    head.inputs.replace(Input::x, before->inputs[Input::x]);
  }
  head.in = graph.nodes[head.inputs[Input::x]].out;
}

/// Folds a batch norm into the weights of the value's node, and of all parts of a split convolution.
template <int Capacity>
constexpr void fold_into(Graph<Capacity>& graph, int value, const Node& batch_norm) {
  Node& node = graph.nodes[value];
  if (node.op == Op::resize_taps) {
    fold_into(graph, node.inputs[Input::x], batch_norm);
    fold_into(graph, node.inputs[Input::residual], batch_norm);
    return;
  }
  node.folded = {.present = true,
                 .scale = batch_norm.weights,
                 .shift = batch_norm.bias,
                 .buffers = batch_norm.buffers,
                 .epsilon = batch_norm.epsilon};
}

/// Lets a convolution of a map in zeros read the map, with the zeros as padding of its window, unless some windows
/// would then see only padding.
template <int Capacity>
constexpr void absorb_zeros(const Graph<Capacity>& graph, Node& node) {
  if (node.op != Op::convolution && node.op != Op::depthwise_convolution && node.op != Op::grouped_convolution) return;
  const Node& pad = graph.nodes[node.inputs[Input::x]];
  if (pad.op != Op::pad || pad.padding != core::Padding::zeros || pad.in.channels != pad.out.channels) return;
  core::Window w = node.window;
  w.rows.before += pad.offset_y, w.rows.after += pad.out.height - pad.in.height - pad.offset_y;
  w.columns.before += pad.offset_x, w.columns.after += pad.out.width - pad.in.width - pad.offset_x;
  const auto sees_pixels = [](const core::Axis& a) { return a.before < a.extent() && a.after < a.extent(); };
  if (!sees_pixels(w.rows) || !sees_pixels(w.columns)) return;
  node.window = w;
  node.in = pad.in;
  node.inputs.replace(Input::x, pad.inputs[Input::x]);
}

/// The rewritten graph. Capacity is that of the result: each batch norm adds one node in training; a split convolution
/// adds up to one, and two per input of its concat; one that trades places with an enlargement adds two.
template <int Capacity, int From>
constexpr Graph<Capacity> rewrite(const Graph<From>& graph, Mode mode, RewriteOptions options = {}) {
  const Uses<From> uses(graph);
  Graph<Capacity> result;
  int moved[core::at_least_one(From)]{};
  int linear[core::at_least_one(
      From)]{};  // the convolution that mix_before_resize moved before the enlargement; else -1
  for (int i = 0; i < graph.count; i++) {
    Node node = with_inputs(graph.nodes[i], moved);
    linear[i] = -1;
    if (vanishes(graph, graph.nodes[i], mode)) {
      moved[i] = node.inputs[Input::x];
      continue;
    }
    if (node.op == Op::dense) {
      node.inputs.replace(Input::x, unflattened(result, node.inputs[Input::x]));
      node.in = result.nodes[node.inputs[Input::x]].out;
    }
    if (node.op == Op::batch_norm && mode == Mode::inference) {
      const int x = node.inputs[Input::x], old = graph.nodes[i].inputs[Input::x];
      const int producer = linear[old] >= 0 ? linear[old] : x;
      const bool taps = result.nodes[producer].op == Op::resize_taps;
      const Node& weights = taps ? result.nodes[result.nodes[producer].inputs[Input::x]] : result.nodes[producer];
      if (options.fold_batch_norm && is_linear(weights.op) && !weights.folded.present && uses.count[old] == 1) {
        fold_into(result, producer, node);
        moved[i] = x;
        continue;
      }
    }
    const bool only_reader = node.inputs.count > 0 && uses.count[graph.nodes[i].inputs.first()] == 1;
    if (node.op == Op::convolution && only_reader && splits(result, node, options)) {
      moved[i] = split(result, node, options);
      continue;
    }
    if (node.op == Op::convolution && mixes_before_resize(result, node, only_reader, options)) {
      const Mixed mixed = mix_before_resize(result, node);
      moved[i] = mixed.result, linear[i] = mixed.convolution;
      continue;
    }
    if (node.op == Op::batch_norm && mode == Mode::training) {
      Node statistics = node;
      statistics.op = Op::batch_statistics;
      statistics.out = statistics.mid = {1, 1, 2 * node.in.channels};
      node.op = Op::normalize;
      node.inputs.add(Input::statistics, result.add(statistics));
    }
    if (i == graph.result && node.op == Op::softmax) {
      if (options.resize_in_head) absorb_resize(result, node);
      node.mid = node.out;
      if (mode == Mode::training) node.op = Op::loss, node.out = node.in;
    }
    if (node.mid == Shape{}) node.mid = node.out;
    absorb_zeros(result, node);
    moved[i] = result.add(node);
  }
  result.result = moved[graph.result];
  return sweep(result);
}

/// Upper bound on the nodes of rewrite.
template <int Capacity>
constexpr int rewritten_bound(const Graph<Capacity>& graph, Mode mode) {
  int bound = graph.count;
  for (int i = 0; i < graph.count; i++) {
    if (graph.nodes[i].op == Op::batch_norm) bound += mode == Mode::training;
    if (graph.nodes[i].op == Op::convolution && graph.nodes[i].window.taps() == 1) bound += 2;
    if (graph.nodes[i].op == Op::concat) bound += 2 + 2 * graph.nodes[i].inputs.count;
  }
  return bound;
}

}  // namespace strata::graph

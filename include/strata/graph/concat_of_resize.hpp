// SPDX-License-Identifier: MIT
// An exact rewrite: mixing channels and enlarging a map commute, and a convolution is a sum over the channels it reads, so
//   conv(concat(b, crop(resize(a)))) = conv_b(b) + sum over taps k of shift_k(crop(resize(W_k a)))
// with the weights of b's channels in conv_b and those of a's channels and tap k in W_k. All W_k together are one 1x1
// convolution at the resolution of a; resize_taps makes the sum (taps that read padding read zeros, as in the layer itself).
// Neither the enlarged map nor the concat is made. Done before differentiation, both gradients profit in the same way.
#pragma once

#include <strata/graph/edit.hpp>
#include <strata/graph/rewrite_options.hpp>

namespace strata::graph {

/// A part of a concat: plain, or an enlarged map with the crop behind it, if any.
struct ConcatPart {
  int value = -1;  ///< of the concat; enlarged: what is enlarged
  int first = 0, channels = 0;
  const Node *resize = nullptr, *crop = nullptr;
};

template <int Capacity>
constexpr ConcatPart part_of(const Graph<Capacity>& graph, int value, int first, RewriteOptions options) {
  const Node* node = &graph.nodes[value];
  const Shape whole = node->out;
  ConcatPart part{value, first, whole.channels, nullptr, nullptr};
  const Node* crop = node->op == Op::crop ? node : nullptr;
  if (crop) node = &graph.nodes[crop->inputs[0]];
  if (node->op != Op::resize || whole.channels < options.least_channels || 2 * node->in.pixels() > whole.pixels()) return part;
  return {node->inputs[0], first, whole.channels, node, crop};
}

/// Whether convolution `node`, which reads value x and nobody else does, is worth splitting: at least one enlarged part,
/// and at least one plain one, which takes the bias; the plain ones stand side by side.
template <int Capacity>
constexpr bool splits(const Graph<Capacity>& graph, const Node& node, RewriteOptions options) {
  if (!options.concat_of_resize || node.op != Op::convolution || node.weight_inputs > 0) return false;
  const Node& concat = graph.nodes[node.inputs[0]];
  if (concat.op != Op::concat || node.window.stride_height != 1 || node.window.stride_width != 1) return false;
  int enlarged = 0, plain_runs = 0;
  bool before = false;  // the part before is plain
  for (int k = 0; k < concat.input_count; k++) {
    const bool plain = !part_of(graph, concat.inputs[k], 0, options).resize;
    enlarged += !plain;
    plain_runs += plain && !before;
    before = plain;
  }
  return enlarged > 0 && plain_runs == 1;
}

/// Splits `node`, its inputs being values of `graph`; returns the value that stands for it.
template <int Capacity>
constexpr int split(Graph<Capacity>& graph, const Node& node, RewriteOptions options) {
  const Node concat = graph.nodes[node.inputs[0]];
  ConcatPart parts[max_inputs]{};
  Node joined = concat;
  joined.input_count = joined.out.channels = 0;
  Node plain = node;
  plain.weight_inputs = node.in.channels;
  for (int k = 0, first = 0; k < concat.input_count; first += parts[k++].channels) {
    parts[k] = part_of(graph, concat.inputs[k], first, options);
    if (parts[k].resize) continue;
    if (joined.input_count == 0) plain.first_input = first;
    joined.out.channels += parts[k].channels;
    add_input(joined, parts[k].value);
  }
  for (int k = joined.input_count; k < max_inputs; k++) joined.inputs[k] = -1;
  joined.in = graph.nodes[joined.inputs[0]].out;
  joined.mid = joined.out;
  plain.in = joined.out;
  plain.inputs[0] = joined.input_count == 1 ? joined.inputs[0] : graph.add(joined);
  int sum = graph.add(plain);
  for (int k = 0; k < concat.input_count; k++) {
    const ConcatPart& part = parts[k];
    if (!part.resize) continue;
    const Shape low = graph.nodes[part.value].out;
    const int taps = node.window.taps();
    Node mix = node;  // W_k a for all k
    mix.window = {};
    mix.in = low;
    mix.out = mix.mid = {low.height, low.width, taps * node.out.channels};
    mix.inputs[0] = part.value;
    mix.bias = -1;
    mix.weight_inputs = node.in.channels, mix.first_input = part.first, mix.weight_taps = taps;
    Node spread{.op = Op::resize_taps, .in = mix.out, .out = node.out, .window = node.window, .mid = node.out, .adds = true,
                .factor = part.resize->factor, .mode = part.resize->mode, .layer = node.layer};
    if (part.crop) spread.offset_y = part.crop->offset_y, spread.offset_x = part.crop->offset_x;
    add_input(spread, graph.add(mix));
    add_input(spread, sum);
    sum = graph.add(spread);
  }
  return sum;
}

}  // namespace strata::graph

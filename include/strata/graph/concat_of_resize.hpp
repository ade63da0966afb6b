// SPDX-License-Identifier: MIT
// An exact rewrite. Mixing channels and enlarging a map commute, and a convolution is a sum over its input channels, so
//   conv(concat(b, crop(resize(a)))) = conv_b(b) + sum over taps k of shift_k(crop(resize(W_k a)))
// where conv_b has the weights of b's channels, and W_k those of a's channels at tap k. All W_k together form one 1x1
// convolution at the resolution of a; resize_taps computes the sum (taps on padding read zeros, as in the layer
// itself). Neither the enlarged map nor the concat is stored. Because this runs before differentiation, both gradients
// benefit too.
#pragma once

#include <strata/graph/edit.hpp>
#include <strata/graph/rewrite_options.hpp>

namespace strata::graph {

/// A part of a concat: a plain value, or an enlarged map and the crop that follows it, if any.
struct ConcatPart {
  int value = -1;  ///< the input of the concat; of an enlarged part: the map before it is enlarged
  int first = 0, channels = 0;
  const Node *resize = nullptr, *crop = nullptr;
};

/// Describes input `value` of a concat; its channels start at `first`.
template <int Capacity>
constexpr ConcatPart part_of(const Graph<Capacity>& graph, int value, int first, RewriteOptions options) {
  const Node* node = &graph.nodes[value];
  const Shape whole = node->out;
  ConcatPart part{value, first, whole.channels, nullptr, nullptr};
  const Node* crop = node->op == Op::crop ? node : nullptr;
  if (crop) node = &graph.nodes[crop->inputs[Input::x]];
  if (node->op != Op::resize || whole.channels < options.least_channels || 2 * node->in.pixels() > whole.pixels())
    return part;
  return {node->inputs[Input::x], first, whole.channels, node, crop};
}

/// Whether to split convolution `node`, the only reader of its input. The input must be a concat with at least one
/// enlarged part and exactly one run of adjacent plain parts, which gets the bias.
template <int Capacity>
constexpr bool splits(const Graph<Capacity>& graph, const Node& node, RewriteOptions options) {
  if (!options.concat_of_resize || node.op != Op::convolution || node.weight_part.inputs > 0) return false;
  const Node& concat = graph.nodes[node.inputs[Input::x]];
  if (concat.op != Op::concat || node.window.rows.stride != 1 || node.window.columns.stride != 1) return false;
  int enlarged = 0, plain_runs = 0;
  bool before = false;  // the previous part is plain
  for (const int part : concat.inputs) {
    const bool plain = !part_of(graph, part, 0, options).resize;
    enlarged += !plain;
    plain_runs += plain && !before;
    before = plain;
  }
  return enlarged > 0 && plain_runs == 1;
}

/// Splits `node`, whose inputs are values of `graph`; returns the value that replaces it.
template <int Capacity>
constexpr int split(Graph<Capacity>& graph, const Node& node, RewriteOptions options) {
  const Node concat = graph.nodes[node.inputs[Input::x]];
  ConcatPart parts[max_inputs]{};
  Node joined = concat;
  joined.inputs = {};
  joined.out.channels = 0;
  Node plain = node;
  plain.weight_part.inputs = node.in.channels;
  for (int k = 0, first = 0; k < concat.inputs.count; first += parts[k++].channels) {
    parts[k] = part_of(graph, concat.inputs[k], first, options);
    if (parts[k].resize) continue;
    if (joined.inputs.count == 0) plain.weight_part.first = first;
    joined.out.channels += parts[k].channels;
    joined.inputs.add(Input::x, parts[k].value);
  }
  joined.in = graph.nodes[joined.inputs.first()].out;
  joined.mid = joined.out;
  plain.in = joined.out;
  plain.inputs.replace(Input::x, joined.inputs.count == 1 ? joined.inputs.first() : graph.add(joined));
  int sum = graph.add(plain);
  for (int k = 0; k < concat.inputs.count; k++) {
    const ConcatPart& part = parts[k];
    if (!part.resize) continue;
    const Shape low = graph.nodes[part.value].out;
    const int taps = node.window.taps();
    Node mix = node;  // W_k a for all k
    mix.window = {};
    mix.in = low;
    mix.out = mix.mid = {low.height, low.width, taps * node.out.channels};
    mix.inputs.replace(Input::x, part.value);
    mix.bias = -1;
    mix.weight_part = {.inputs = node.in.channels, .first = part.first, .taps = taps};
    Node spread{.op = Op::resize_taps,
                .in = mix.out,
                .out = node.out,
                .window = node.window,
                .mid = node.out,
                .factor = part.resize->factor,
                .mode = part.resize->mode,
                .layer = node.layer};
    if (part.crop) spread.offset_y = part.crop->offset_y, spread.offset_x = part.crop->offset_x;
    spread.inputs.add(Input::x, graph.add(mix));
    spread.inputs.add(Input::residual, sum);
    sum = graph.add(spread);
  }
  return sum;
}

}  // namespace strata::graph

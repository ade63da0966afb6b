// SPDX-License-Identifier: MIT
// An exact rewrite: a 1x1 convolution mixes channels, a bilinear enlargement mixes pixels with weights that sum to 1, so
//   conv1x1(crop(resize(x))) = crop(resize(conv1x1(x)))
// bias included. The right side computes fewer pixels, and enlarges as few channels as the convolution makes; at the head
// the loss or softmax then takes the enlargement in. (With zero-extended borders the weights sum to less than 1 there.)
#pragma once

#include <strata/graph/concat_of_resize.hpp>

namespace strata::graph {

/// Whether convolution `node`, its inputs being values of `graph`, changes places with the enlargement whose only reader
/// it is.
template <int Capacity>
constexpr bool mixes_before_resize(const Graph<Capacity>& graph, const Node& node, bool only_reader, RewriteOptions options) {
  if (!options.mix_before_resize || !only_reader || node.op != Op::convolution || node.window != Window{}) return false;
  const Node* before = &graph.nodes[node.inputs[0]];
  if (before->op == Op::crop) before = &graph.nodes[before->inputs[0]];
  return before->op == Op::resize && before->mode == Resize::half_pixel && before->in.pixels() < node.in.pixels();
}

/// The convolution on the low map, and on it the enlargement and the crop as they were; `result` stands for the layer.
struct Mixed {
  int convolution, result;
};

template <int Capacity>
constexpr Mixed mix_before_resize(Graph<Capacity>& graph, Node node) {
  Node enlargement = graph.nodes[node.inputs[0]], crop{};
  if (enlargement.op == Op::crop) crop = enlargement, enlargement = graph.nodes[crop.inputs[0]];
  const int channels = node.out.channels;
  node.inputs[0] = enlargement.inputs[0];
  node.in = enlargement.in;
  node.out = node.mid = {node.in.height, node.in.width, channels};
  Mixed mixed{graph.add(node), -1};
  enlargement.inputs[0] = mixed.convolution;
  enlargement.in = node.out;
  enlargement.out.channels = enlargement.mid.channels = channels;
  mixed.result = graph.add(enlargement);
  if (crop.op != Op::crop) return mixed;
  crop.inputs[0] = mixed.result;
  crop.in.channels = crop.out.channels = crop.mid.channels = channels;
  mixed.result = graph.add(crop);
  return mixed;
}

}  // namespace strata::graph

// SPDX-License-Identifier: MIT
// An exact rewrite. A 1x1 convolution mixes channels; enlargement mixes pixels with weights that sum to 1. So
//   conv1x1(crop(resize(x))) = crop(resize(conv1x1(x)))
// including the bias. The right side convolves fewer pixels and enlarges only the output channels of the convolution.
// At the head, the loss or softmax then absorbs the enlargement, if it is a resize. (Not with zero-extended borders,
// where the weights sum to less than 1.)
#pragma once

#include <strata/graph/concat_of_resize.hpp>

namespace strata::graph {

/// Whether convolution `node`, whose inputs are values of `graph`, trades places with the enlargement before it.
/// only_reader: whether it is the only reader of its input.
template <int Capacity>
constexpr bool mixes_before_resize(const Graph<Capacity>& graph, const Node& node, bool only_reader,
                                   RewriteOptions options) {
  if (!options.mix_before_resize || !only_reader || node.op != Op::convolution || node.window != core::Window{})
    return false;
  const Node* before = &graph.nodes[node.inputs[Input::x]];
  if (before->op == Op::crop) before = &graph.nodes[before->inputs[Input::x]];
  const bool resizes = before->op == Op::resize || before->op == Op::resample;
  return resizes && before->mode != Interpolation::zero_extended && before->in.pixels() < node.in.pixels();
}

/// The values of the convolution of the low map, and of the enlarged and cropped result, which replaces the layer's
/// value.
struct Mixed {
  int convolution, result;
};

template <int Capacity>
constexpr Mixed mix_before_resize(Graph<Capacity>& graph, Node node) {
  Node enlargement = graph.nodes[node.inputs[Input::x]], crop{};
  if (enlargement.op == Op::crop) crop = enlargement, enlargement = graph.nodes[crop.inputs[Input::x]];
  const int channels = node.out.channels;
  node.inputs.replace(Input::x, enlargement.inputs[Input::x]);
  node.in = enlargement.in;
  node.out = node.mid = {node.in.height, node.in.width, channels};
  Mixed mixed{graph.add(node), -1};
  enlargement.inputs.replace(Input::x, mixed.convolution);
  enlargement.in = node.out;
  enlargement.out.channels = enlargement.mid.channels = channels;
  mixed.result = graph.add(enlargement);
  if (crop.op != Op::crop) return mixed;
  crop.inputs.replace(Input::x, mixed.result);
  crop.in.channels = crop.out.channels = crop.mid.channels = channels;
  mixed.result = graph.add(crop);
  return mixed;
}

}  // namespace strata::graph

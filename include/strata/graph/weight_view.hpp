// SPDX-License-Identifier: MIT
// Where a node finds the weights of a convolution. The parameters hold them in PyTorch's order [a][b][tap], where a is
// the output and b the input channel (of a grouped convolution: b counted from the group's first; of a transposed one:
// a the input, b the output). A node may read only a range of the input channels, or be the 1x1 convolution that
// computes one map per tap.
#pragma once

#include <strata/graph/op_traits.hpp>

namespace strata::graph {

/// Offsets and strides of a node's weights, in floats.
struct WeightView {
  long first = 0;             ///< offset from the node's weights
  long outer = 0, inner = 0;  ///< strides of a and of b; taps are contiguous
  int maps = 0;               ///< > 0: a = k maps + o is channel o of tap k's map

  /// Offset of weight [a][b][tap] from the node's weights.
  constexpr long at(long a, long b, long tap) const {
    if (maps > 0) return first + a % maps * outer + a / maps + b * inner;
    return first + a * outer + b * inner + tap;
  }
};

/// The channels that go into and come out of the layer of a linear node, whichever product the node computes.
struct LayerChannels {
  int in, out;
};
constexpr LayerChannels layer_channels(const Node& node) {
  switch (product(node.op)) {
    case Product::output: return {node.in.channels, node.mid.channels};
    case Product::input_gradient: return {node.out.channels, node.in.channels};
    case Product::weight_gradient: return {node.in.channels, node.out.channels};
    case Product::none: break;
  }
  return {0, 0};
}

/// The number of channels a.
constexpr int outer_channels(const Node& node) {
  const LayerChannels channels = layer_channels(node);
  return forward_of(node.op) == Op::transposed_convolution ? channels.in : channels.out;
}
/// The number of channels b: those of one group.
constexpr int inner_channels(const Node& node) {
  const LayerChannels channels = layer_channels(node);
  return (forward_of(node.op) == Op::transposed_convolution ? channels.out : channels.in) / node.groups;
}

/// The view of a convolution, a transposed convolution, or a gradient of either.
constexpr WeightView weight_view(const Node& node) {
  const long taps = node.weight_part.taps > 0 ? node.weight_part.taps : node.window.taps();
  const long inputs = node.weight_part.inputs > 0 ? node.weight_part.inputs : inner_channels(node);
  return {node.weight_part.first * taps, inputs * taps, taps,
          node.weight_part.taps > 0 ? outer_channels(node) / node.weight_part.taps : 0};
}

}  // namespace strata::graph

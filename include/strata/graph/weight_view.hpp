// SPDX-License-Identifier: MIT
// Where a node finds the weights of a convolution, which lie in the parameters as PyTorch has them: [a][b][tap] with a the
// output and b the input channel (of a transposed convolution the other way round). A node may read a range of the input
// channels only, or be the 1x1 convolution that makes one map for each tap.
#pragma once

#include <strata/graph/graph.hpp>

namespace strata::graph {

struct WeightView {
  long first = 0;             ///< from the node's weights
  long outer = 0, inner = 0;  ///< from one a to the next, from one b to the next; taps lie side by side
  int maps = 0;               ///< > 0: a = k maps + o, the map of tap k

  constexpr long at(long a, long b, long tap) const {
    if (maps > 0) return first + a % maps * outer + a / maps + b * inner;
    return first + a * outer + b * inner + tap;
  }
};

/// The channels b that the node reads.
constexpr int inner_channels(const Node& node) {
  switch (node.op) {
    case Op::convolution_input_gradient: return node.out.channels;
    case Op::transposed_convolution: return node.mid.channels;
    case Op::transposed_convolution_weight_gradient: return node.out.channels;
    default: return node.in.channels;  // convolution and its weight gradient; input gradient of a transposed one
  }
}

/// The channels a that the node makes or reads.
constexpr int outer_channels(const Node& node) {
  switch (node.op) {
    case Op::convolution: return node.mid.channels;
    case Op::convolution_weight_gradient:
    case Op::transposed_convolution_input_gradient: return node.out.channels;
    default: return node.in.channels;
  }
}

/// Of a convolution, a transposed convolution, or a gradient of them.
constexpr WeightView weight_view(const Node& node) {
  const long taps = node.weight_taps > 0 ? node.weight_taps : node.window.taps();
  const long inputs = node.weight_inputs > 0 ? node.weight_inputs : inner_channels(node);
  return {node.first_input * taps, inputs * taps, taps, node.weight_taps > 0 ? outer_channels(node) / node.weight_taps : 0};
}

}  // namespace strata::graph

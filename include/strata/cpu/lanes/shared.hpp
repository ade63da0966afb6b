// SPDX-License-Identifier: MIT
// Learned numbers that elements share (Node::share): how they are packed, and what an element adds to their gradients.
#pragma once

#include <strata/cpu/lanes/call.hpp>

#include <algorithm>

namespace strata::cpu::lanes {

using graph::Share;

/// How many there are, in PyTorch's order; packed, the biases follow the weights.
constexpr long shared_count(const Node& node) { return graph::shared_numbers(node.share, node.in); }
constexpr long shared_floats(const Node& node) {
  return node.weights < 0 ? 0 : (node.bias < 0 ? 1 : 2) * shared_count(node);
}

/// The index of the number of an element's channel and pixel.
constexpr long shared_index(const Node& node, int channel, int pixel) {
  switch (node.share) {
    case Share::element: return long(channel) * node.in.pixels() + pixel;
    case Share::channel: return channel;
    case Share::image: break;
  }
  return 0;
}

STRATA_ONCE void pack_shared(const Node& node, const float* parameters, const float* buffers, float* folded, float* to);

#if STRATA_HAS_BODIES

STRATA_ONCE void pack_shared(const Node& node, const float* parameters, const float*, float*, float* to) {
  if (node.weights < 0) return;
  to = std::copy_n(parameters + node.weights, shared_count(node), to);
  if (node.bias >= 0) std::copy_n(parameters + node.bias, shared_count(node), to);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

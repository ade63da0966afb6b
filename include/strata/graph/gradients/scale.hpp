// SPDX-License-Identifier: MIT
// Gradient rule of y = a b: da = dy b and db = dy a, summed over the pixels if b has one number per channel.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

constexpr void scale(Backward& b, int i) {
  const int map = b.nodes[i].inputs[0], factor = b.nodes[i].inputs[1];
  const bool per_channel = b.nodes[factor].out != b.nodes[i].out;
  b.pass_to_input(i, 0, Op::scale, factor);
  b.pass_to_input(i, 1, per_channel ? Op::scale_gradient : Op::scale, map);
}

}  // namespace strata::graph::gradients

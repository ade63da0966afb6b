// SPDX-License-Identifier: MIT
// Gradient rule of batch norm in training: the sums over the batch, which are the gradients of shift and scale, then
// dx.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

constexpr void normalize(Backward& b, int i) {
  const int x = b.nodes[i].inputs[0], statistics = b.nodes[i].inputs[1];
  const Shape shape = b.nodes[x].out;
  Node reductions = b.reader_of_dy(i, Op::normalize_reductions, {1, 1, 2 * shape.channels});
  add_input(reductions, x);
  add_input(reductions, statistics);
  Node gradient = b.reader_of_dy(i, Op::normalize_input_gradient, shape);
  add_input(gradient, x);
  add_input(gradient, statistics);
  add_input(gradient, b.add(reductions));
  if (b.needed[x]) b.accumulate(x, b.add(gradient));
}

}  // namespace strata::graph::gradients

// SPDX-License-Identifier: MIT
// Gradient rule of batch norm in training: the sums over the batch, which are the gradients of shift and scale, then
// dx.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

constexpr void normalize(Backward& b, int i) {
  const int x = b.nodes[i].inputs[Input::x], statistics = b.nodes[i].inputs[Input::statistics];
  const Shape shape = b.nodes[x].out;
  Node reductions = b.reader_of_dy(i, Op::normalize_reductions, {1, 1, 2 * shape.channels});
  reductions.inputs.add(Input::x, x);
  reductions.inputs.add(Input::statistics, statistics);
  Node gradient = b.reader_of_dy(i, Op::normalize_input_gradient, shape);
  gradient.inputs.add(Input::x, x);
  gradient.inputs.add(Input::statistics, statistics);
  gradient.inputs.add(Input::reductions, b.add(reductions));
  if (b.needed[x]) b.accumulate(x, b.add(gradient));
}

}  // namespace strata::graph::gradients

// SPDX-License-Identifier: MIT
// Gradient rules of norms within an image: the sums over its groups, then dx; the gradients of scale and shift.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

constexpr void group_norm(Backward& b, int i) {
  const int x = b.nodes[i].inputs[Input::x], statistics = b.nodes[i].inputs[Input::statistics];
  const Shape shape = b.nodes[i].out;
  if (b.nodes[i].weights >= 0 && !b.nodes[i].frozen) {
    Node weights = b.derived(i, Op::group_norm_weight_gradient, shape, shape);
    weights.inputs = {{Input::x, x}, {Input::dy, b.adjoint[i]}, {Input::statistics, statistics}};
    b.add(weights);
  }
  if (!b.needed[x]) return;
  Node reductions = b.reader_of_dy(i, Op::group_norm_reductions, b.nodes[statistics].out);
  reductions.inputs.add(Input::x, x);
  reductions.inputs.add(Input::statistics, statistics);
  reductions.mid = reductions.out;
  Node gradient = b.input_gradient(i, x, Op::group_norm_input_gradient);
  gradient.inputs.add(Input::x, x);
  gradient.inputs.add(Input::statistics, statistics);
  gradient.inputs.add(Input::reductions, b.add(reductions));
  b.accumulate(x, b.add(gradient));
}

}  // namespace strata::graph::gradients

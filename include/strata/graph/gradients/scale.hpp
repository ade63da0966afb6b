// SPDX-License-Identifier: MIT
// Gradient rule of y = x factor: dx = dy factor; the gradient of factor is dy x, summed over the pixels if factor has
// one number per channel.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

constexpr void scale(Backward& b, int i) {
  const int x = b.nodes[i].inputs[Input::x], factor = b.nodes[i].inputs[Input::factor];
  const auto dy_times = [&](int value) {
    Node product = b.derived(i, Op::scale, b.nodes[i].out, b.nodes[i].out);
    product.inputs.add(Input::x, b.adjoint[i]);
    product.inputs.add(Input::factor, value);
    return product;
  };
  const bool per_channel = b.nodes[factor].out != b.nodes[i].out;
  Node sums = b.input_gradient(i, factor, Op::scale_gradient);
  sums.inputs.add(Input::x, x);
  b.pass_to(x, dy_times(factor));
  b.pass_to(factor, per_channel ? sums : dy_times(x));
}

}  // namespace strata::graph::gradients

// SPDX-License-Identifier: MIT
// Gradient rule of a ReLU with learned slopes.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

constexpr void prelu(Backward& b, int i) {
  const int x = b.nodes[i].inputs[Input::x];
  if (!b.nodes[i].frozen) {
    Node slopes = b.derived(i, Op::prelu_weight_gradient, b.nodes[i].out, b.nodes[i].out);
    slopes.inputs = {{Input::x, x}, {Input::dy, b.adjoint[i]}};
    b.add(slopes);
  }
  b.pass_to_x(i, Op::prelu_input_gradient, Input::x, x);
}

}  // namespace strata::graph::gradients

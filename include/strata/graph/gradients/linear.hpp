// SPDX-License-Identifier: MIT
// Gradient rule of ops that multiply by weights: one node for the gradients of weights and bias, one for dx.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

template <Op InputGradient, Op WeightGradient>
constexpr void linear(Backward& b, int i) {
  if (!b.nodes[i].frozen) {
    const int x = b.nodes[i].inputs[0];
    Node weights = b.reader_of_dy(i, WeightGradient, b.nodes[i].out);
    weights.in = b.nodes[x].out;
    weights.inputs[0] = x;
    weights.inputs[1] = b.adjoint[i];
    weights.input_count = 2;
    b.add(weights);
  }
  b.pass_to_x(i, InputGradient);
}

}  // namespace strata::graph::gradients

// SPDX-License-Identifier: MIT
// Gradient rule of ops that multiply by weights: one node for the gradients of weights and bias, one for dx.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

template <Op InputGradient, Op WeightGradient>
constexpr void linear(Backward& b, int i) {
  const int x = b.nodes[i].inputs[0];
  if (!b.nodes[i].frozen) {
    Node weights = b.reader_of_dy(i, WeightGradient, b.nodes[i].out);
    weights.in = b.nodes[x].out;
    weights.inputs[0] = x;
    weights.inputs[1] = b.adjoint[i];
    weights.input_count = 2;
    b.add(weights);
  }
  if (b.needed[x]) b.accumulate(x, b.add(b.input_gradient(i, InputGradient)));
}

}  // namespace strata::graph::gradients

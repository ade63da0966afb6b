// SPDX-License-Identifier: MIT
// Gradient rule of ops that multiply by weights: one node for the gradients of weights and bias, one for dx.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

template <Op InputGradient, Op WeightGradient>
constexpr void linear(Backward& b, int i) {
  if (!b.nodes[i].frozen) {
    const int x = b.nodes[i].inputs[Input::x];
    Node weights = b.derived(i, WeightGradient, b.nodes[x].out, b.nodes[i].out);
    weights.inputs.add(Input::x, x);
    weights.inputs.add(Input::dy, b.adjoint[i]);
    b.add(weights);
  }
  b.pass_to_x(i, InputGradient);
}

}  // namespace strata::graph::gradients

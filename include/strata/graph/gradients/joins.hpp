// SPDX-License-Identifier: MIT
// Gradient rules of ops that join values.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

/// dy goes to every input as it is.
constexpr void sum(Backward& b, int i) {
  for (const int term : b.nodes[i].inputs) b.accumulate(term, b.adjoint[i]);
}

/// Each input gets its channels of dy.
constexpr void concat(Backward& b, int i) {
  int channel = 0;
  for (const int part : b.nodes[i].inputs) {
    Node slice = b.input_gradient(i, part, Op::slice);
    slice.offset_channel = channel;
    channel += slice.out.channels;
    b.pass_to(part, slice);
  }
}

/// Each operand gets dy where it is the larger.
constexpr void maximum(Backward& b, int i) {
  const int x = b.nodes[i].inputs[Input::x], other = b.nodes[i].inputs[Input::other];
  const auto gradient = [&](int of, int against) {
    Node node = b.input_gradient(i, of, Op::maximum_gradient);
    node.inputs.add(Input::x, of);
    node.inputs.add(Input::other, against);
    return node;
  };
  const Node first = gradient(x, other), second = gradient(other, x);
  b.pass_to(x, first);
  b.pass_to(other, second);
}

/// dy goes to the residual as it is; x gets the sum over the taps that read it.
constexpr void resize_taps(Backward& b, int i) {
  const Inputs& inputs = b.nodes[i].inputs;
  if (inputs.has(Input::residual)) b.accumulate(inputs[Input::residual], b.adjoint[i]);
  b.pass_to_x(i, Op::resize_taps_gradient);
}

}  // namespace strata::graph::gradients

// SPDX-License-Identifier: MIT
// Gradient rules of ops that join values.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

/// dy goes to every input as it is.
constexpr void sum(Backward& b, int i) {
  for (int k = 0; k < b.nodes[i].input_count; k++) b.accumulate(b.nodes[i].inputs[k], b.adjoint[i]);
}

/// Each input gets its channels of dy.
constexpr void concat(Backward& b, int i) {
  for (int k = 0, channel = 0; k < b.nodes[i].input_count; k++) {
    const int input = b.nodes[i].inputs[k];
    Node slice = b.input_gradient(i, k, Op::concat_gradient);
    slice.offset_channel = channel;
    channel += slice.out.channels;
    if (b.needed[input]) b.accumulate(input, b.add(slice));
  }
}

/// dy goes to the last input, a residual, as it is; x gets the sum over the taps that read it.
constexpr void resize_taps(Backward& b, int i) {
  if (b.nodes[i].adds) b.accumulate(b.nodes[i].inputs[1], b.adjoint[i]);
  b.pass_to_x(i, Op::resize_taps_gradient);
}

}  // namespace strata::graph::gradients

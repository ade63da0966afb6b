// SPDX-License-Identifier: MIT
// Gradient rules of ops with one input x and no parameters: one node that reads dy and, by rule, x or y.
#pragma once

#include <strata/graph/backward.hpp>

#include <utility>

namespace strata::graph::gradients {

/// Nothing before the node learns, or no gradient passes through it.
constexpr void none(Backward&, int) {}

/// Of an op that no training plan has: a call is a compile error, since it is not constexpr.
inline void never(Backward&, int) {}

/// The node's value is the gradient of its input: a loss.
constexpr void own_value(Backward& b, int i) { b.accumulate(b.nodes[i].inputs[Input::x], i); }

template <Op Gradient>
constexpr void of_dy(Backward& b, int i) {
  b.pass_to_x(i, Gradient);
}
template <Op Gradient>
constexpr void of_dy_and_x(Backward& b, int i) {
  b.pass_to_x(i, Gradient, Input::x, b.nodes[i].inputs[Input::x]);
}
template <Op Gradient>
constexpr void of_dy_and_y(Backward& b, int i) {
  b.pass_to_x(i, Gradient, Input::y, i);
}

/// The window that reads the other way.
constexpr void channel_window(Backward& b, int i) {
  const int x = b.nodes[i].inputs[Input::x];
  Node gradient = b.input_gradient(i, x, Op::channel_window);
  std::swap(gradient.window.rows.before, gradient.window.rows.after);
  b.pass_to(x, gradient);
}

/// Reads x or y, as the functor's `needs` says.
constexpr void pointwise(Backward& b, int i) {
  const Node& node = b.nodes[i];
  b.pass_to_x(i, Op::pointwise_gradient, Input::argument,
              b.functor_reads_input[node.epilogue.functor] ? node.inputs[Input::x] : i);
}

}  // namespace strata::graph::gradients

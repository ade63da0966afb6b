// SPDX-License-Identifier: MIT
// Gradient rules of ops that only move elements: another move, of dy, wherever no element has two copies.
#pragma once

#include <strata/graph/backward.hpp>

namespace strata::graph::gradients {

/// Zeros have no gradient, so the rest of dy is a crop; copies of a pixel are summed.
constexpr void pad(Backward& b, int i) {
  b.pass_to_x(i, b.nodes[i].padding == core::Padding::zeros ? Op::crop : Op::pad_gradient);
}

/// Shuffles back: with as many groups as a group had channels.
constexpr void channel_shuffle(Backward& b, int i) {
  const int x = b.nodes[i].inputs[Input::x];
  Node back = b.input_gradient(i, x, Op::channel_shuffle);
  back.groups = back.out.channels / back.groups;
  b.pass_to(x, back);
}

}  // namespace strata::graph::gradients

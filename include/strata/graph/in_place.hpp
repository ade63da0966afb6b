// SPDX-License-Identifier: MIT
// Nodes that may write their value over one of their inputs: element e of the value is written when nothing else of that
// input will be read than element e, by every kernel that executes plans by node.
#pragma once

#include <strata/graph/graph.hpp>

namespace strata::graph {

constexpr bool may_overwrite(const Node& node, int input) {
  switch (node.op) {
    case Op::sum: return input < 2;
    case Op::resize_taps: return node.adds && input == 1;
    case Op::normalize_input_gradient: return input == 0 && !node.pools;
    case Op::batch_norm:
    case Op::pointwise:
    case Op::pointwise_gradient:
    case Op::dropout:
    case Op::dropout_gradient:
    case Op::softmax_gradient: return input == 0;
    default: return false;
  }
}

}  // namespace strata::graph

// SPDX-License-Identifier: MIT
// Nodes that may overwrite one of their inputs with their value. A kernel that executes plans by node never reads
// element e of such an input after it has written element e of the value.
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

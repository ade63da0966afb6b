// SPDX-License-Identifier: MIT
// What the passes of both programs that choose each node's algorithm (lanes/choose.hpp, nhwc/choose.hpp) have in
// common.
#pragma once

#include <strata/graph/declared/graph.hpp>

namespace strata::cpu {

/// The algorithm of each node of a plan.
template <class Algorithm, int Capacity>
struct Choices {
  Algorithm of[Capacity > 0 ? Capacity : 1]{};
};

/// Whether Winograd's algorithm computes the node: only where it `can`, and there if the user demands it or, unless the
/// user forbids it, if it `saves` time.
constexpr bool takes_winograd(const graph::Node& node, bool (*can)(const graph::Node&),
                              bool (*saves)(const graph::Node&)) {
  switch (node.products) {
    case graph::Products::direct: return false;
    case graph::Products::winograd: return can(node);
    case graph::Products::fewest: return can(node) && saves(node);
  }
  return false;
}

}  // namespace strata::cpu

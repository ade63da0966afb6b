// SPDX-License-Identifier: MIT
// What both programs have in common where they choose each node's algorithm (lanes/choose.hpp, nhwc/choose.hpp) and
// find its kernel.
#pragma once

#include <cstdlib>

#include <strata/core/at_least_one.hpp>
#include <strata/graph/declared/graph.hpp>

namespace strata::cpu {

/// The algorithm of each node of a plan.
template <class Algorithm, int Capacity>
struct Choices {
  Algorithm of[core::at_least_one(Capacity)]{};
};

/// The kernel of another algorithm than the one in a program's table of kernels.
template <class Algorithm, class Kernel>
struct Alternative {
  graph::Op op;
  Algorithm algorithm;
  Kernel kernel;
};

/// The kernel that computes an op by an algorithm. There must be one.
template <class Algorithm, class Kernel, std::size_t Count>
constexpr const Kernel& alternative(const Alternative<Algorithm, Kernel> (&all)[Count], graph::Op op,
                                    Algorithm algorithm) {
  for (const auto& a : all)
    if (a.op == op && a.algorithm == algorithm) return a.kernel;
  std::abort();  // not a constant: a program that lacks the kernel does not compile
}

/// Whether Winograd's algorithm computes the node: only where it `can`, and there if the user demands it or, unless the
/// user forbids it, if it `saves` time.
template <class Can, class Saves>
constexpr bool takes_winograd(const graph::Node& node, Can&& can, Saves&& saves) {
  switch (node.products) {
    case graph::Products::direct: return false;
    case graph::Products::winograd: return can(node);
    case graph::Products::fewest: return can(node) && saves(node);
  }
  return false;
}

}  // namespace strata::cpu

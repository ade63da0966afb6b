// SPDX-License-Identifier: MIT
// The state of differentiation: appends gradient nodes and adds up the gradients of each value. differentiate.hpp owns
// the storage, so neither this type nor any gradient rule needs template parameters for sizes.
#pragma once

#include <strata/graph/declared/graph.hpp>

namespace strata::graph {

constexpr void add_input(Node& node, int value) { node.inputs[node.input_count++] = value; }

struct Backward {
  Node* nodes;
  int count;                        ///< of the nodes so far, forward ones included
  int* adjoint;                     ///< adjoint[i]: the value that holds d loss / d value i; -1: none yet
  const bool* needed;               ///< value i depends on a parameter that learns
  const bool* functor_reads_input;  ///< by functor: its derivative takes its input (else its output)

  /// Appends a node; returns its value.
  constexpr int add(const Node& node) {
    nodes[count] = node;
    return count++;
  }

  /// d loss / d value += contribution
  constexpr void accumulate(int value, int contribution) {
    if (!needed[value]) return;
    if (adjoint[value] < 0) {
      adjoint[value] = contribution;
      return;
    }
    const Shape shape = nodes[value].out;
    Node sum{.op = Op::sum, .in = shape, .out = shape, .mid = shape, .layer = nodes[value].layer};
    add_input(sum, adjoint[value]);
    add_input(sum, contribution);
    adjoint[value] = add(sum);
  }

  /// A node with the attributes of forward node i that reads its dy.
  constexpr Node reader_of_dy(int i, Op op, Shape out) const {
    Node node = nodes[i];
    node.op = op;
    node.in = nodes[i].out;
    node.out = out;
    node.input_count = 0;
    for (int& input : node.inputs) input = -1;
    add_input(node, adjoint[i]);
    return node;
  }

  /// The gradient of forward node i with respect to its input k. It reads dy.
  constexpr Node input_gradient(int i, int k, Op op) const {
    const Shape shape = nodes[nodes[i].inputs[k]].out;
    Node node = reader_of_dy(i, op, shape);
    node.mid = shape;
    node.adds = false;
    return node;
  }

  /// Appends that node, unless nothing before the input learns. `also`: a value that it reads besides dy; -1: none.
  constexpr void pass_to_input(int i, int k, Op op, int also = -1) {
    const int input = nodes[i].inputs[k];
    if (!needed[input]) return;
    Node gradient = input_gradient(i, k, op);
    if (also >= 0) add_input(gradient, also);
    accumulate(input, add(gradient));
  }
  /// The same for the first input x.
  constexpr void pass_to_x(int i, Op op, int also = -1) { pass_to_input(i, 0, op, also); }
};

/// Appends the gradient nodes of forward node i, which has an adjoint.
using GradientRule = void (*)(Backward&, int i);

}  // namespace strata::graph

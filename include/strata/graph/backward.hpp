// SPDX-License-Identifier: MIT
// The state of differentiation: appends gradient nodes and adds up the gradients of each value. differentiate.hpp owns
// the storage, so neither this type nor any gradient rule needs template parameters for sizes.
#pragma once

#include <strata/graph/declared/graph.hpp>

namespace strata::graph {

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
    sum.inputs.add(Input::x, adjoint[value]);
    sum.inputs.add(Input::x, contribution);
    adjoint[value] = add(sum);
  }

  /// A node with the attributes of forward node i that reads nothing yet.
  constexpr Node derived(int i, Op op, Shape in, Shape out) const {
    Node node = nodes[i];
    node.op = op;
    node.in = in;
    node.out = out;
    node.inputs = {};
    return node;
  }
  /// One that reads the node's dy.
  constexpr Node reader_of_dy(int i, Op op, Shape out) const {
    Node node = derived(i, op, nodes[i].out, out);
    node.inputs.add(Input::dy, adjoint[i]);
    return node;
  }

  /// The gradient of forward node i with respect to a value that it reads: a node that reads dy.
  constexpr Node input_gradient(int i, int value, Op op) const {
    Node node = reader_of_dy(i, op, nodes[value].out);
    node.mid = node.out;
    return node;
  }

  /// Appends a gradient with respect to a value, unless nothing before the value learns.
  constexpr void pass_to(int value, const Node& gradient) {
    if (needed[value]) accumulate(value, add(gradient));
  }
  /// Appends the gradient with respect to x, which reads dy.
  constexpr void pass_to_x(int i, Op op) {
    const int x = nodes[i].inputs[Input::x];
    pass_to(x, input_gradient(i, x, op));
  }
  /// The same; it also reads `value`, by that name.
  constexpr void pass_to_x(int i, Op op, Input name, int value) {
    const int x = nodes[i].inputs[Input::x];
    Node gradient = input_gradient(i, x, op);
    gradient.inputs.add(name, value);
    pass_to(x, gradient);
  }
};

/// Appends the gradient nodes of forward node i, which has an adjoint.
using GradientRule = void (*)(Backward&, int i);

}  // namespace strata::graph

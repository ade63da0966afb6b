// SPDX-License-Identifier: MIT
// Where comparing gradients in float with gradients in double is meaningless: near a kink of a functor, between two
// almost equal candidates of a max pool, between two almost equal classes.
#pragma once

#include <strata/reference/tape.hpp>

namespace strata::reference {

/// After a forward pass: the number of elements so close to a kink that a change of `distance` may cross it.
inline long kinks(Tape& tape, double distance) {
  long near = 0;
  for (int i = 1; i < tape.net().count; i++) {
    const graph::Node& node = tape.net().nodes[i];
    if (node.op == graph::Op::input) continue;
    for (int n = 0; n < tape.images(); n++) {
      const Map x = tape.value(node.inputs.first(), n);
      if (node.op == graph::Op::pointwise) {
        const Functor& functor = tape.net().functors[node.epilogue.functor];
        for (long e = 0; e < x.size(); e++)
          near += std::fabs(functor.slope(x[e] + distance) - functor.slope(x[e] - distance)) > 1e-3 + 10 * distance;
      }
      if (node.op == graph::Op::prelu)
        for (long e = 0; e < x.size(); e++) near += std::fabs(x[e]) < distance;
      if (node.op == graph::Op::maximum) {
        const Map other = tape.value(node.inputs[graph::Input::other], n);
        for (long e = 0; e < x.size(); e++) near += x[e] != other[e] && std::fabs(x[e] - other[e]) < distance;
      }
      if (node.op == graph::Op::max_pool || node.op == graph::Op::adaptive_max_pool)
        for (const Winner& winner : node.op == graph::Op::max_pool
                                        ? winners(node.window, x, node.out)
                                        : adaptive_winners(x, node.out))  // equal zeros come from a ReLU and stay equal
          near += winner.candidates > 1 && winner.value - winner.runner_up < distance &&
                  !(winner.value == 0 && winner.runner_up == 0);
      if (graph::head_of(tape.net(), i) >= 0 && node.op == graph::Op::softmax)
        for (int p = 0; p < x.shape.pixels(); p++) {
          double top = -HUGE_VAL, second = -HUGE_VAL;
          for (int c = 0; c < x.shape.channels; c++) {
            const double value = x[long(c) * x.shape.pixels() + p];
            if (value > top) second = top, top = value;
            else if (value > second) second = value;
          }
          near += top - second < distance;
        }
    }
  }
  return near;
}

}  // namespace strata::reference

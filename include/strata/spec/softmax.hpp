// SPDX-License-Identifier: MIT
// The head of a classifier.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// Softmax of a vector: y[c] = exp x[c] / sum over k of exp x[k].
/// 1 x 1 x C -> 1 x 1 x C, the probabilities of C classes. Refuses a map: for maps use PixelSoftmax.
struct Softmax {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "Softmax"; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("Softmax", &spell);
    const Shape in = b.shape(x);
    if (in.pixels() != 1) b.refuse(graph::Reason::vector_expected, &spell, in);
    if (b.refused()) return x;
    return b.add({.op = graph::Op::softmax, .out = in}, x);
  }
};

}  // namespace strata

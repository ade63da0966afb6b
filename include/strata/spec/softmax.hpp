// SPDX-License-Identifier: MIT
// y[c] = exp x[c] / sum_k exp x[k] of a vector: the head of a classifier.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// Softmax of a vector. For maps use PixelSoftmax.
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

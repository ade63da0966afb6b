// SPDX-License-Identifier: MIT
// Maps as vectors.
#pragma once

#include <strata/graph/declared/builder.hpp>
#include <strata/spec/functor.hpp>

namespace strata {

/// Flattens a map to a vector in the order channel, row, column, as PyTorch's Flatten.
/// H x W x C -> 1 x 1 x CHW: y[(c H + r) W + k] = x[c, r, k].
struct Flatten {
  using functors = spec::type_list<>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) { out << "Flatten"; }
  static constexpr int lower(graph::Builder& b, int x) {
    b.begin("Flatten", &spell);
    const Shape in = b.shape(x);
    return b.add({.op = graph::Op::flatten, .out = {1, 1, int(in.size())}}, x);
  }
};

}  // namespace strata

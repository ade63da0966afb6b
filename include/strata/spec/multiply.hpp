// SPDX-License-Identifier: MIT
// The product of two branches.
#pragma once

#include <strata/spec/join.hpp>

#include <utility>

namespace strata {

/// Multiplies the outputs of two branches: y[c, r, k] = a[c, r, k] b[c, r, k], or b[c] at every pixel if one of them,
/// whichever, ends in a vector. H x W x C -> the shape of the larger. A gate per channel:
/// Multiply<Identity, Sequential<GlobalAvgPool, Conv<1, 16>, Sigmoid>>. Refuses branches that differ in shape, unless
/// one ends in a vector with the channels of the other.
template <class A, class B>
struct Multiply {
  using functors = detail::functors_of<A, B>;
  static constexpr graph::Bound bound = detail::join_bound<A, B>();
  static constexpr void spell(core::Text& out) { detail::spell_as<A, B>(out, "Multiply"); }
  static constexpr int lower(graph::Builder& b, int x) {
    int values[2]{};
    if (!detail::lower_each<A, B>(b, x, &spell, nullptr, values)) return x;
    const Shape first = b.shape(values[0]), second = b.shape(values[1]);
    if (first.pixels() < second.pixels()) std::swap(values[0], values[1]);  // a vector is the node's second input
    const Shape map = b.shape(values[0]), factor = b.shape(values[1]);
    if (factor != map && factor != Shape{1, 1, map.channels}) {
      detail::refuse_shapes(b, graph::Reason::branches_do_not_scale, &spell, x, first, second);
      return x;
    }
    b.begin("Multiply", &spell);
    return b.join(graph::Op::scale, values, 2, map);
  }
};

}  // namespace strata

// SPDX-License-Identifier: MIT
// The difference of two branches.
#pragma once

#include <strata/core/device.hpp>
#include <strata/spec/join.hpp>
#include <strata/spec/pointwise.hpp>

namespace strata {

namespace spec {

/// y = -x.
struct negative {
  static constexpr const char* name = "negative";
  static constexpr auto needs = Needs::output;
  template <class T>
  STRATA_DEVICE static T f(T x) {
    return -x;
  }
  template <class T>
  STRATA_DEVICE static T df(T) {
    return T(-1.f);
  }
};

}  // namespace spec

/// Subtracts the output of the second branch from that of the first, which read the same input: y = a(x) - b(x).
/// H x W x C -> what each branch gives. Refuses branches that differ in shape.
template <class A, class B>
struct Subtract {
  using functors = detail::functors_of<A, B, Pointwise<spec::negative>>;
  static constexpr graph::Bound bound = [] {
    graph::Bound bound = detail::join_bound<A, B>();
    bound += {1, 0, 0};
    return bound;
  }();
  static constexpr void spell(core::Text& out) { detail::spell_as<A, B>(out, "Subtract"); }
  static constexpr int lower(graph::Builder& b, int x) {
    int values[2]{};
    if (!detail::lower_each<A, B>(b, x, &spell, nullptr, values)) return x;
    if (!detail::accept_same_shapes(b, x, &spell, values, 2)) return x;
    b.begin("Subtract", &spell);
    const Shape out = b.shape(values[0]);
    const int functor = b.functor(&detail::functor_tag<spec::negative>);
    values[1] = b.add({.op = graph::Op::pointwise, .out = out, .epilogue = {.functor = functor}}, values[1]);
    return b.join(graph::Op::sum, values, 2, out);
  }
};

}  // namespace strata

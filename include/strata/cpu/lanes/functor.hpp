// SPDX-License-Identifier: MIT
// Which functor a node applies, as a type.
#pragma once

#include <strata/graph/graph.hpp>
#include <strata/spec/functor.hpp>

namespace strata::cpu::lanes {

/// Stands where a node has no functor.
struct nothing {
  static constexpr auto needs = Needs::output;
  template <class T>
  static T f(T x) {
    return x;
  }
  template <class T>
  static T df(T) {
    return T(1.f);
  }
};

template <int Index, class List>
struct FunctorAt {
  using type = nothing;
};
template <class First, class... Rest>
struct FunctorAt<0, type_list<First, Rest...>> {
  using type = First;
};
template <int Index, class First, class... Rest>
  requires(Index > 0)
struct FunctorAt<Index, type_list<First, Rest...>> : FunctorAt<Index - 1, type_list<Rest...>> {};

/// df at input x whose output is y.
template <class F, class T>
[[gnu::always_inline]] inline T slope(T x, T y) {
  if constexpr (F::needs == Needs::input) return F::df(x);
  else return F::df(y);
}

}  // namespace strata::cpu::lanes

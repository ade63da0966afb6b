// SPDX-License-Identifier: MIT
// The functor of a node, as a type.
#pragma once

#include <strata/graph/declared/graph.hpp>
#include <strata/spec/functor.hpp>

namespace strata::cpu::lanes {

/// The functor of a node that has none.
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

/// The functor with this index in the list; `nothing` for no_functor.
template <int Index, class List>
struct FunctorAt {
  using type = nothing;
};
template <class First, class... Rest>
struct FunctorAt<0, spec::type_list<First, Rest...>> {
  using type = First;
};
template <int Index, class First, class... Rest>
requires(Index > 0) struct FunctorAt<Index, spec::type_list<First, Rest...>>
    : FunctorAt<Index - 1, spec::type_list<Rest...>> {
};

/// f'(x), where y = f(x).
template <class F, class T>
[[gnu::always_inline]] inline T slope(T x, T y) {
  if constexpr (F::needs == Needs::input) return F::df(x);
  else return F::df(y);
}

}  // namespace strata::cpu::lanes

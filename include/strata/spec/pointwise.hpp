// SPDX-License-Identifier: MIT
// y = f(x), element by element.
#pragma once

#include <strata/spec/functor.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// Applies the functor F, which has `name`, `needs`, `f` and `df` as described in functor.hpp.
template <class F>
struct Pointwise {
  using functors = type_list<F>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(Text& out) {
    if constexpr (requires { F::spell(out); }) F::spell(out);
    else out << "Pointwise<" << F::name << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    Text kind;
    spell(kind);
    for (int i = 0; i < kind.size; i++)
      if (kind.text[i] == '<') kind.text[i] = 0;
    b.begin(kind.text, &spell);
    return b.add({.op = graph::Op::pointwise, .out = b.shape(x), .functor = b.functor(&detail::functor_tag<F>)}, x);
  }
};

}  // namespace strata

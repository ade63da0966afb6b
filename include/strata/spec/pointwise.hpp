// SPDX-License-Identifier: MIT
// A function of each element.
#pragma once

#include <strata/spec/layer.hpp>

namespace strata {

namespace detail {

/// What the functor lacks; null: nothing.
template <class F>
constexpr const char* missing_member() {
  if constexpr (!requires(core::Text & out) { out << F::name; }) return "name";
  else if constexpr (!requires { Needs(F::needs); }) return "needs";
  else if constexpr (!requires(float x) {
                       { F::f(x) } -> std::convertible_to<float>;
                     })
    return "f";
  else if constexpr (!requires(float x) {
                       { F::df(x) } -> std::convertible_to<float>;
                     })
    return "df";
  else return nullptr;
}

}  // namespace detail

/// Applies the functor F, element by element: y = F::f(x). H x W x C -> H x W x C.
/// F has `name`, `needs`, `f` and `df`: spec/README.md shows one. Refuses a functor that lacks a member, or whose
/// `out_of_range` says what is wrong with its numbers.
template <class F>
struct Pointwise {
  using functors = spec::type_list<F>;
  static constexpr graph::Bound bound{1, 0, 1};
  static constexpr void spell(core::Text& out) {
    if constexpr (requires { F::spell(out); }) F::spell(out);
    else if constexpr (requires { out << F::name; }) out << "Pointwise<" << F::name << '>';
    else out << "Pointwise<", detail::spell_type<F>(out), out << '>';
  }
  static constexpr int lower(graph::Builder& b, int x) {
    core::Text kind;
    spell(kind);
    for (int i = 0; i < kind.size; i++)
      if (kind.text[i] == '<') kind.text[i] = 0;
    b.begin(kind.text, &spell);
    constexpr const char* missing = detail::missing_member<F>();
    if (missing) b.refuse(graph::Reason::functor_lacks_a_member, &spell, b.shape(x), {}, missing);
    if constexpr (requires { F::out_of_range; })
      if (F::out_of_range) b.refuse(graph::Reason::number_out_of_range, &spell, b.shape(x), {}, F::out_of_range);
    if (b.refused()) return x;
    return b.add(
        {.op = graph::Op::pointwise, .out = b.shape(x), .epilogue = {.functor = b.functor(&detail::functor_tag<F>)}},
        x);
  }
};

}  // namespace strata

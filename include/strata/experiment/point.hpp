// SPDX-License-Identifier: MIT
// A point of a sweep: one value of each axis, by which a candidate's template asks for its numbers and types.
#pragma once

#include <strata/experiment/axis.hpp>

namespace strata::experiment {

namespace detail {

/// Not constexpr: reached in a constant expression, its name is part of the compiler's error.
[[noreturn]] void the_sweep_has_no_axis_of_numbers_with_this_name();
[[noreturn]] void the_axis_has_real_numbers_ask_for_them_with_real();
[[noreturn]] void the_axis_has_whole_numbers_ask_for_them_with_number();

template <class T>
constexpr const Number* numbers_of() {
  if constexpr (is_number_axis<T>) return T::numbers;
  else return nullptr;
}

/// The position of the axis of types with this name; -1: there is none.
template <class... A>
constexpr int type_axis_named(const char* name) {
  int i = 0, found = -1;
  ((is_type_axis<A> && core::same_text(A::name(), name) ? found = i : 0, i++), ...);
  return found;
}

}  // namespace detail

/// All points of the axes, numbered from 0; the last axis varies fastest.
template <class... A>
struct Grid {
  static constexpr int axes = sizeof...(A);
  static constexpr int sizes[std::size_t(axes + 1)] = {A::size..., 1};
  static constexpr const char* names[std::size_t(axes + 1)] = {A::name()..., nullptr};
  static constexpr void (*spells[std::size_t(axes + 1)])(core::Text&, int) = {&A::spell..., nullptr};
  static constexpr long size() {
    long all = 1;
    for (int k = 0; k < axes; k++) all *= sizes[k];
    return all;
  }
  /// The position of a point on axis k.
  static constexpr int position(int index, int k) {
    for (int i = axes - 1; i > k; i--) index /= sizes[i];
    return index % sizes[k];
  }
  /// "width=8 block=Plain"
  static constexpr core::Text name(int index) {
    core::Text out;
    for (int k = 0; k < axes; k++) {
      out << (k > 0 ? " " : "") << names[k] << '=';
      spells[k](out, position(index, k));
    }
    return out;
  }
  /// The point with this name; -1: there is none.
  static constexpr int find(std::string_view name) {
    int index = 0;
    for (int k = 0; k < axes; k++) {
      core::Text begin;
      begin << (k > 0 ? " " : "") << names[k] << '=';
      if (!detail::continues(name, begin.text)) return -1;
      name.remove_prefix(std::size_t(begin.size));
      int found = -1;
      for (int i = 0; i < sizes[k] && found < 0; i++) {
        core::Text value;
        spells[k](value, i);
        const std::size_t end = std::size_t(value.size);
        if (detail::continues(name, value.text) && (name.size() == end || name[end] == ' ')) found = i;
        if (found >= 0) name.remove_prefix(end);
      }
      if (found < 0) return -1;
      index = index * sizes[k] + found;
    }
    return name.empty() ? index : -1;
  }
};

/// One point of a grid.
template <int Index, class... A>
struct Point {
  static constexpr int axes = sizeof...(A);

  /// The position on axis k.
  static constexpr int position(int k) { return Grid<A...>::position(Index, k); }

  /// The whole number of the axis of this name: Conv<3, P::number("width")>. Another name does not compile.
  static consteval int number(const char* name) {
    const Number value = find(name);
    if (!value.whole) detail::the_axis_has_real_numbers_ask_for_them_with_real();
    return int(value.integer);
  }
  /// The real number of the axis of this name: Dropout<P::real("dropout")>.
  static consteval Real real(const char* name) {
    const Number value = find(name);
    if (value.whole) detail::the_axis_has_whole_numbers_ask_for_them_with_number();
    return value.real;
  }

  /// The type of the axis of this name; `experiment::type<P, "block">` is shorter.
  template <core::FixedString Name>
  struct Chosen {
    static constexpr int axis = detail::type_axis_named<A...>(Name.text);
    static_assert(axis >= 0,
                  "strata: the sweep has no axis of types with this name; add a TypeAxis, or correct the name");
    using Types = std::tuple_element_t<std::size_t(axis < 0 ? 0 : axis), std::tuple<A...>>;
    using type = typename Types::template type<position(axis < 0 ? 0 : axis)>;
  };

  /// "width=8 block=Plain"
  static constexpr core::Text name() { return Grid<A...>::name(Index); }

 private:
  static constexpr Number find(const char* name) {
    constexpr const Number* values[] = {detail::numbers_of<A>()..., nullptr};
    constexpr const char* names[] = {A::name()..., nullptr};
    for (int k = 0; k < axes; k++)
      if (values[k] && core::same_text(names[k], name)) return values[k][position(k)];
    detail::the_sweep_has_no_axis_of_numbers_with_this_name();
  }
};

/// The type that a point has on the axis of this name: typename experiment::type<P, "block">::layer.
template <class P, core::FixedString Name>
using type = typename P::template Chosen<Name>::type;

}  // namespace strata::experiment

// SPDX-License-Identifier: MIT
// What a sweep varies: axes with names, of numbers or of types.
#pragma once

#include <strata/core/text/text.hpp>
#include <strata/core/type_name.hpp>
#include <strata/spec/layer.hpp>
#include <strata/spec/real.hpp>

#include <concepts>
#include <string_view>
#include <tuple>
#include <utility>

namespace strata::experiment {

/// A value of an axis of numbers.
struct Number {
  bool whole = true;  ///< an int was given; false: a Real
  long integer = 0;   ///< the value if it is whole, at most 2^63 - 1; else 0
  double real = 0;    ///< the value, whole or not: from -1.8e308 to 1.8e308

  constexpr Number() = default;
  /// A whole number.
  constexpr Number(std::integral auto value) : integer(long(value)), real(double(value)) {}
  /// A real number, such as Real{0.5}.
  constexpr Number(Real value) : whole(false), real(value.value) {}
};

/// Numbers to choose from, whole ones or Real{0.5}, under a name that the results show: Axis<"width", 8, 16, 32>.
template <core::FixedString Name, auto... Value>
struct Axis {
  static_assert(sizeof...(Value) > 0, "strata: an axis without values has no candidates; give it at least one");
  static constexpr int size = sizeof...(Value);  ///< the number of values
  /// The name that the results show.
  static constexpr const char* name() { return Name.text; }
  /// The values, in the order in which they are written.
  static constexpr Number numbers[std::size_t(size)] = {Number(Value)...};
  static constexpr void spell(core::Text& out, int i) {
    if (numbers[i].whole) out << numbers[i].integer;
    else out << numbers[i].real;
  }
};

namespace detail {

/// Whether `text` continues with `part`.
constexpr bool continues(std::string_view text, std::string_view part) { return text.substr(0, part.size()) == part; }

/// The name of a type without namespaces and spaces: "Bottleneck<4>" for "app::(anonymous namespace)::Bottleneck<4>".
constexpr void spell_plainly(core::Text& out, std::string_view name) {
  int begin = out.size;  // of the word that is being copied
  while (!name.empty()) {
    if (continues(name, "::")) {
      out.size = begin;
      name.remove_prefix(2);
    } else if (continues(name, "(anonymous namespace)")) {
      name.remove_prefix(21);
    } else if (continues(name, "{anonymous}")) {
      name.remove_prefix(11);
    } else {
      const char c = name.front();
      if (c != ' ') out << c;
      if (c == '<' || c == ',' || c == '>') begin = out.size;
      name.remove_prefix(1);
    }
  }
  out.text[out.size] = 0;
}

/// The name of a choice: its member `name` if it has one, as a layer spells itself, or the name of the type.
template <class T>
constexpr void spell_choice(core::Text& out) {
  core::Text spelled;
  if constexpr (requires { core::Text(T::name); }) spelled << T::name;
  else if constexpr (strata::detail::is_layer<T>) T::spell(spelled);
  else spell_plainly(spelled, core::type_name<T>());
  for (int i = 0; i < spelled.size; i++)
    if (spelled.text[i] != ' ') out << spelled.text[i];
}

}  // namespace detail

/// Types to choose from, such as kinds of blocks: TypeAxis<"block", Plain, Bottleneck>. A choice may name itself by a
/// member `static constexpr const char* name`.
template <core::FixedString Name, class... Choice>
struct TypeAxis {
  static_assert(sizeof...(Choice) > 0, "strata: an axis without values has no candidates; give it at least one");
  static constexpr int size = sizeof...(Choice);  ///< the number of types
  /// The name that the results show.
  static constexpr const char* name() { return Name.text; }
  /// The I-th type.
  template <int I>
  using type = std::tuple_element_t<std::size_t(I), std::tuple<Choice...>>;
  static constexpr void spell(core::Text& out, int i) {
    constexpr void (*spells[std::size_t(size)])(core::Text&) = {&detail::spell_choice<Choice>...};
    spells[i](out);
  }
};

namespace detail {

template <class T>
inline constexpr bool is_number_axis = false;
template <core::FixedString Name, auto... Value>
inline constexpr bool is_number_axis<Axis<Name, Value...>> = true;
template <class T>
inline constexpr bool is_type_axis = false;
template <core::FixedString Name, class... Choice>
inline constexpr bool is_type_axis<TypeAxis<Name, Choice...>> = true;
template <class T>
concept is_axis = is_number_axis<T> || is_type_axis<T>;

}  // namespace detail
}  // namespace strata::experiment

namespace strata {
using experiment::Axis;
using experiment::TypeAxis;
}  // namespace strata

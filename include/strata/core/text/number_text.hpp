// SPDX-License-Identifier: MIT
// Numbers as text, and text as numbers, the same in every locale: setlocale(LC_ALL, "") in the host program changes the
// decimal point of printf, but not of these functions.
#pragma once

#include <charconv>
#include <concepts>
#include <optional>
#include <string>
#include <string_view>
#include <system_error>

#include <strata/core/compile_once.hpp>

namespace strata::core {

/// Same as printf's %.*f in the C locale; digits: after the point, 0 to 60.
STRATA_ONCE std::string fixed(double value, int digits);

/// Same as printf's %.*g in the C locale; digits: significant ones, 1 to 60.
STRATA_ONCE std::string general(double value, int digits = 6);

/// The shortest text that reads back as the same number.
STRATA_ONCE std::string shortest(double value);

#if STRATA_HAS_BODIES

STRATA_ONCE std::string fixed(double value, int digits) {
  char text[400];  // 309 digits before the point
  return {text,
          std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits < 60 ? digits : 60).ptr};
}

STRATA_ONCE std::string general(double value, int digits) {
  char text[400];
  return {text,
          std::to_chars(text, text + sizeof text, value, std::chars_format::general, digits < 60 ? digits : 60).ptr};
}

STRATA_ONCE std::string shortest(double value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

#endif  // STRATA_HAS_BODIES

/// The number that the whole text is; nothing, if it is not one or does not fit.
template <class Number>
std::optional<Number> number_in(std::string_view text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, value);
  if (error != std::errc() || stopped != end) return {};
  return value;
}

template <std::integral Integer>
std::string decimal(Integer value) {
  char text[24];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// `text`, padded on the left to at least `width` characters.
STRATA_ONCE std::string padded(std::string text, std::size_t width, char with = ' ');

#if STRATA_HAS_BODIES

STRATA_ONCE std::string padded(std::string text, std::size_t width, char with) {
  if (text.size() < width) text.insert(0, width - text.size(), with);
  return text;
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::core

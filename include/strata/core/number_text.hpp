// SPDX-License-Identifier: MIT
// Numbers as text that is the same in every locale: a host program that calls setlocale(LC_ALL, "") changes the decimal
// point of printf, and nothing here.
#pragma once

#include <charconv>
#include <concepts>
#include <string>

namespace strata::core {

/// As printf's %.*f in the C locale; digits: 0 to 60.
inline std::string fixed(double value, int digits) {
  char text[400];  // 309 digits before the point
  return {text,
          std::to_chars(text, text + sizeof text, value, std::chars_format::fixed, digits < 60 ? digits : 60).ptr};
}

/// As printf's %.*g in the C locale; digits: significant ones, 1 to 60.
inline std::string general(double value, int digits = 6) {
  char text[400];
  return {text,
          std::to_chars(text, text + sizeof text, value, std::chars_format::general, digits < 60 ? digits : 60).ptr};
}

/// The fewest digits that read back as the same number.
inline std::string shortest(double value) {
  char text[40];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

template <std::integral Integer>
std::string decimal(Integer value) {
  char text[24];
  return {text, std::to_chars(text, text + sizeof text, value).ptr};
}

/// `text` at the right of at least `width` characters.
inline std::string padded(std::string text, std::size_t width, char with = ' ') {
  if (text.size() < width) text.insert(0, width - text.size(), with);
  return text;
}

}  // namespace strata::core

// SPDX-License-Identifier: MIT
// Makes untrusted text (names of files and classes, bytes of a message) safe to print on a terminal, which would obey
// its control characters.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace strata::core {

/// A character of UTF-8 text, or a single byte that is not valid UTF-8.
struct Character {
  std::uint32_t code = 0;
  int bytes = 1;
  bool valid = true;
};

/// The first character of a nonempty text. Overlong forms, surrogates and codes past U+10FFFF are invalid.
constexpr Character first_character(std::string_view text) {
  const auto byte = [&](std::size_t i) { return std::uint32_t(static_cast<unsigned char>(text[i])); };
  const std::uint32_t first = byte(0);
  if (first < 0x80) return {first, 1, true};
  const int bytes = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : 2;
  if (first < 0xc2 || first > 0xf4 || text.size() < std::size_t(bytes)) return {first, 1, false};
  std::uint32_t code = first & (0x7fu >> bytes);
  for (int i = 1; i < bytes; i++) {
    if ((byte(std::size_t(i)) & 0xc0) != 0x80) return {first, 1, false};
    code = code << 6 | (byte(std::size_t(i)) & 0x3f);
  }
  const std::uint32_t least = bytes == 4 ? 0x10000 : bytes == 3 ? 0x800 : 0x80;
  if (code < least || code > 0x10ffff || (code >= 0xd800 && code < 0xe000)) return {first, 1, false};
  return {code, bytes, true};
}

/// Whether a character can move the cursor or color, reverse or hide text: C0 and C1 control characters, zero-width and
/// direction marks, line and paragraph separators, annotations and tags.
constexpr bool is_terminal_control(std::uint32_t code) {
  return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c || (code >= 0x200b && code <= 0x200f) ||
         (code >= 0x2028 && code <= 0x202e) || (code >= 0x2060 && code <= 0x206f) || code == 0xfeff ||
         (code >= 0xfff9 && code <= 0xfffb) || (code >= 0xe0000 && code <= 0xe007f);
}

/// The text with such characters and invalid bytes escaped as in a C string: \n, \x1b, \u202e. Other characters stay.
inline std::string printable(std::string_view text) {
  std::string out;
  const auto spell = [&](char kind, std::uint32_t value, int digits) {
    out += '\\', out += kind;
    for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) out += "0123456789abcdef"[value >> shift & 15];
  };
  while (!text.empty()) {
    const Character c = first_character(text);
    if (!c.valid) spell('x', c.code, 2);
    else if (!is_terminal_control(c.code)) out += text.substr(0, std::size_t(c.bytes));
    else if (c.code == '\n') out += "\\n";
    else if (c.code == '\t') out += "\\t";
    else if (c.code == '\r') out += "\\r";
    else if (c.code < 0x80) spell('x', c.code, 2);
    else if (c.code < 0x10000) spell('u', c.code, 4);
    else spell('U', c.code, 8);
    text.remove_prefix(std::size_t(c.bytes));
  }
  return out;
}

}  // namespace strata::core

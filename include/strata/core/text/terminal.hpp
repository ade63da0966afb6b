// SPDX-License-Identifier: MIT
// Text that fits a terminal: the width of lines and characters, and line breaking. No escape codes are used, so
// NO_COLOR needs no special handling.
#pragma once

#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include <strata/core/text/printable.hpp>

namespace strata::core {

/// Columns that a character occupies: 2 for East Asian characters and emoji, 0 for combining marks, else 1.
constexpr int columns_of(std::uint32_t code) {
  const bool combines =
      (code >= 0x300 && code <= 0x36f) || (code >= 0x20d0 && code <= 0x20ff) || (code >= 0xfe00 && code <= 0xfe0f);
  const bool wide = (code >= 0x1100 && code <= 0x115f) || (code >= 0x2e80 && code <= 0xa4cf) ||
                    (code >= 0xac00 && code <= 0xd7a3) || (code >= 0xf900 && code <= 0xfaff) ||
                    (code >= 0xfe30 && code <= 0xfe6f) || (code >= 0xff00 && code <= 0xff60) ||
                    (code >= 0xffe0 && code <= 0xffe6) || (code >= 0x1f300 && code <= 0x1faff) ||
                    (code >= 0x20000 && code <= 0x3fffd);
  return combines ? 0 : wide ? 2 : 1;
}

inline int columns_of(std::string_view text) {
  int columns = 0;
  for (; !text.empty(); text.remove_prefix(std::size_t(first_character(text).bytes)))
    columns += columns_of(first_character(text).code);
  return columns;
}

/// Columns that a line may fill: one less than the width of the terminal `out`; 0, for no limit, if it has no known
/// width.
inline int line_room(std::FILE* out) {
  winsize size{};
  const int file = ::fileno(out);
  if (::isatty(file) != 1 || ::ioctl(file, TIOCGWINSZ, &size) != 0 || size.ws_col == 0) return 0;
  return size.ws_col > 1 ? size.ws_col - 1 : 1;
}

/// Whether `out` is a terminal on which a line can be overwritten.
inline bool rewrites_lines(std::FILE* out) {
  const char* const kind = std::getenv("TERM");
  return ::isatty(::fileno(out)) == 1 && kind && std::string_view(kind) != "dumb" && *kind;
}

/// The longest prefix of the text that fits into `room` columns.
inline std::string_view cut_to(std::string_view text, int room) {
  std::size_t end = 0;
  for (int filled = 0; end < text.size();) {
    const Character c = first_character(text.substr(end));
    if ((filled += columns_of(c.code)) > room) break;
    end += std::size_t(c.bytes);
  }
  return text.substr(0, end);
}

/// The text broken into lines of at most `room` columns, between words, and within words longer than a line. room 0:
/// the text as it is.
inline std::string wrapped(std::string_view text, int room) {
  if (room <= 0) return std::string(text);
  std::string out;
  int filled = 0;
  while (!text.empty()) {
    if (text[0] == '\n') {
      out += '\n', filled = 0;
      text.remove_prefix(1);
      continue;
    }
    const std::size_t spaces = std::min(text.find_first_not_of(' '), text.size());
    const std::string_view rest = text.substr(spaces), word = rest.substr(0, rest.find_first_of(" \n"));
    const int gap = int(spaces), width = columns_of(word);
    if (filled + gap + width <= room) {
      out += text.substr(0, spaces + word.size());
      filled += gap + width;
      text = rest.substr(word.size());
      continue;
    }
    if (filled > 0) out += '\n', filled = 0;
    std::string_view left = word;
    while (columns_of(left) > room) {
      std::string_view part = cut_to(left, room);
      if (part.empty()) part = left.substr(0, std::size_t(first_character(left).bytes));  // wider than a line
      out += part;
      left.remove_prefix(part.size());
      if (!left.empty()) out += '\n';
    }
    out += left;
    filled = columns_of(left);
    text = rest.substr(word.size());
  }
  return out;
}

}  // namespace strata::core

// SPDX-License-Identifier: MIT
// Console output. Strings are made safe for a terminal and lines are wrapped to its width. A failed write (full disk,
// closed pipe) does not stop the work; the program's exit status reports it.
#pragma once

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include <strata/core/text/printable.hpp>
#include <strata/core/text/terminal.hpp>

namespace shared {

inline int output_error = 0;  ///< errno of the first failed write to standard output; 0: none failed

/// Writes the text, wrapped to the width of the terminal.
inline void write_out(std::FILE* out, std::string_view text) {
  const std::string lines = strata::core::wrapped(text, strata::core::line_room(out));
  if (std::fwrite(lines.data(), 1, lines.size(), out) < lines.size() && out == stdout && output_error == 0)
    output_error = errno;
}

inline void flush_output() {
  if (std::fflush(stdout) != 0 && output_error == 0) output_error = errno;
}

/// Makes strings printable; passes everything else to fmt unchanged.
template <class T>
decltype(auto) shown(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>) return strata::core::printable(value);
  else return (value);
}

template <class T>
using Shown = decltype(shown(std::declval<const T&>()));

/// Prints to standard output; strings among the values are made printable.
template <class... T>
void say(fmt::format_string<Shown<T>...> format, const T&... value) {
  write_out(stdout, fmt::format(format, shown(value)...));
}

/// Prints a sentence to standard error, after the name of the program.
inline void complain(const char* program, std::string_view sentence) {
  write_out(stderr, std::string(program) + ": " + strata::core::printable(sentence) + "\n");
}

}  // namespace shared

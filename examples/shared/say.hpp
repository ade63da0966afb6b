// SPDX-License-Identifier: MIT
// What a program says. Strings are made harmless for a terminal, lines fit it, and a place that takes no more words (a
// full disk, a pipe that is gone) does not end the work: the program's exit status tells.
#pragma once

#include <cerrno>
#include <cstdio>
#include <string>
#include <string_view>
#include <type_traits>

#include <fmt/format.h>

#include <strata/core/printable.hpp>
#include <strata/core/terminal.hpp>

namespace shared {

inline int output_error = 0;  ///< errno of the first time that standard output took no more; 0: it took everything

/// The text as it is, in lines that fit.
inline void write_out(std::FILE* out, std::string_view text) {
  const std::string lines = strata::core::wrapped(text, strata::core::line_room(out));
  if (std::fwrite(lines.data(), 1, lines.size(), out) < lines.size() && out == stdout && output_error == 0)
    output_error = errno;
}

inline void flush_output() {
  if (std::fflush(stdout) != 0 && output_error == 0) output_error = errno;
}

/// Strings become printable, everything else is left to fmt.
template <class T>
decltype(auto) shown(const T& value) {
  if constexpr (std::is_convertible_v<const T&, std::string_view>)
    return strata::core::printable(value);
  else
    return (value);
}

template <class T>
using Shown = decltype(shown(std::declval<const T&>()));

template <class... T>
void say(fmt::format_string<Shown<T>...> format, const T&... value) {
  write_out(stdout, fmt::format(format, shown(value)...));
}

/// To standard error, behind the name of the program.
inline void complain(const char* program, std::string_view sentence) {
  write_out(stderr, std::string(program) + ": " + strata::core::printable(sentence) + "\n");
}

}  // namespace shared

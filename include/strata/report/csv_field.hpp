// SPDX-License-Identifier: MIT
// A field of comma-separated values.
#pragma once

#include <string>

#include <strata/core/text/printable.hpp>

namespace strata::report::detail {

/// A field of a CSV file, quoted where necessary. A spreadsheet takes text that begins with one of = + - @ for a
/// formula, so an apostrophe precedes such text.
inline std::string csv_field(const std::string& text, bool number) {
  const bool formula = !number && !text.empty() && std::string("=+-@").find(text[0]) != std::string::npos;
  std::string harmless = (formula ? "'" : "") + core::printable(text);
  if (harmless.find_first_of(",\"") == std::string::npos) return harmless;
  std::string out = "\"";
  for (const char c : harmless) out += c == '"' ? std::string("\"\"") : std::string(1, c);
  return out + '"';
}

}  // namespace strata::report::detail

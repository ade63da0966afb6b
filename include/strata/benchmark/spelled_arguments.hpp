// SPDX-License-Identifier: MIT
// The template arguments of a declaration, as it spells them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace strata::benchmarks {

/// "Digits<8, 16>, Reference" as "Digits<8, 16>" and "Reference": split at the commas outside all brackets. A
/// comparison in an argument must be in parentheses, as in every list of template arguments.
inline std::vector<std::string> spelled_arguments(std::string_view text) {
  const auto trimmed = [](std::string_view part) {
    const std::size_t first = part.find_first_not_of(' ');
    return first == part.npos ? std::string() : std::string(part.substr(first, part.find_last_not_of(' ') - first + 1));
  };
  std::vector<std::string> parts;
  std::vector<char> open;
  std::size_t begin = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); i++) {
    const char c = text[i];
    if (quoted && c == '\\') i++;
    else if (c == '"') quoted = !quoted;
    if (quoted) continue;
    const bool in_parentheses = !open.empty() && open.back() != '<';
    if (c == '(' || c == '[' || c == '{') open.push_back(c);
    else if (c == '<' && !in_parentheses) open.push_back(c);
    else if (!open.empty() && (c == ')' || c == ']' || c == '}' || (c == '>' && !in_parentheses))) open.pop_back();
    else if (c == ',' && open.empty()) parts.push_back(trimmed(text.substr(begin, i - begin))), begin = i + 1;
  }
  parts.push_back(trimmed(text.substr(begin)));
  return parts;
}

}  // namespace strata::benchmarks

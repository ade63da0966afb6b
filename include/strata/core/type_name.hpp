// SPDX-License-Identifier: MIT
#pragma once

#include <string_view>

namespace strata::core {

/// A type as gcc and clang spell it, with its namespaces and template arguments; "a type" from other compilers.
template <class T>
constexpr auto type_name() {                       // a named return type would be spelled in the text too
  std::string_view spelled = __PRETTY_FUNCTION__;  // "... [with T = int]", "... [T = int]"
  const std::size_t at = spelled.find("T = ");
  if (at == std::string_view::npos) return std::string_view("a type");
  spelled.remove_prefix(at + 4);
  spelled.remove_suffix(1);
  return spelled;
}

}  // namespace strata::core

// SPDX-License-Identifier: MIT
#pragma once

#include <string>

namespace strata::testing {

/// How often a part occurs in a text.
inline long count(const std::string& text, const std::string& part) {
  long n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + 1)) n++;
  return n;
}

}  // namespace strata::testing

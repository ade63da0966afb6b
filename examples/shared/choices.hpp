// SPDX-License-Identifier: MIT
// Options that accept one of several words.
#pragma once

#include <string>
#include <vector>

namespace shared {

using Words = std::vector<std::string>;

/// "a BETWEEN b BETWEEN c"
inline std::string joined(const Words& words, const std::string& between = " | ") {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : between) + word;
  return out;
}

/// Empty if `given` is among the choices; otherwise an error message.
inline std::string one_of(const Words& choices, const std::string& given) {
  for (const std::string& choice : choices)
    if (choice == given) return "";
  return "there is no '" + given + "'; choose " + joined(choices, " or ");
}

}  // namespace shared

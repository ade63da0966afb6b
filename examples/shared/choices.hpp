// SPDX-License-Identifier: MIT
// Words of which an option takes one.
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

/// Empty where `given` is among the choices, else the sentence.
inline std::string one_of(const Words& choices, const std::string& given) {
  for (const std::string& choice : choices)
    if (choice == given) return "";
  return "there is no '" + given + "'; choose " + joined(choices, " or ");
}

}  // namespace shared

// SPDX-License-Identifier: MIT
// Data from outside the repository, for tests that cannot make their own.
#pragma once

#include <doctest/doctest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <string>

namespace strata::testing {

/// Whether a list of words, separated by spaces, commas or colons, has the word.
inline bool has_word(const std::string& list, const std::string& word) {
  constexpr const char* between = " ,:";
  for (std::size_t at = list.find_first_not_of(between); at != list.npos; at = list.find_first_not_of(between, at)) {
    const std::size_t end = std::min(list.find_first_of(between, at), list.size());
    if (list.compare(at, end - at, word) == 0) return true;
    at = end;
  }
  return false;
}

/// The folder of that name in $STRATA_DATA. Empty where there is none: the test says so and is skipped, or fails where
/// $STRATA_REQUIRED_DATA names the folder.
inline std::string real_data(const std::string& name) {
  const auto variable = [](const char* of) { return std::string(std::getenv(of) ? std::getenv(of) : ""); };
  std::string folder = variable("STRATA_DATA") + "/" + name;
  if (!variable("STRATA_DATA").empty() && std::filesystem::is_directory(folder)) return folder;
  const std::string said = "STRATA_DATA has no " + name;
  if (has_word(variable("STRATA_REQUIRED_DATA"), name)) FAIL(said, ", which STRATA_REQUIRED_DATA names");
  MESSAGE(said, ": skipped");
  return "";
}

}  // namespace strata::testing

// SPDX-License-Identifier: MIT
// Runs programs in which one system call fails (failing_calls.cpp).
#pragma once

#include <array>
#include <cerrno>
#include <string>
#include <utility>
#include <vector>

#include "process.hpp"

namespace strata::testing {

inline constexpr std::array<const char*, 7> failing_kinds{"open",   "write",  "fsync", "close",
                                                          "rename", "unlink", "mkdir"};

/// The `at`-th call of a kind, counted from 1, below a folder; 0: none.
struct FailingCall {
  std::string below{}, kind{};
  int at = 0, error = 0;
  bool onwards = false;  ///< all that follow fail too
};

/// Runs a program in which one call fails. `counts`: a file for the numbers of calls, or empty.
inline Finished run_failing(const char* program, const std::vector<std::string>& words, const FailingCall& call,
                            const std::string& counts = "") {
  const std::pair<const char*, std::string> variables[] = {{"LD_PRELOAD", STRATA_FAILING_CALLS},
                                                           {"STRATA_FAIL_BELOW", call.below},
                                                           {"STRATA_FAIL_CALL", call.kind},
                                                           {"STRATA_FAIL_AT", std::to_string(call.at)},
                                                           {"STRATA_FAIL_ERROR", std::to_string(call.error)},
                                                           {"STRATA_FAIL_ONWARDS", call.onwards ? "1" : ""},
                                                           {"STRATA_FAIL_COUNTS", counts}};
  for (const auto& [name, value] : variables) ::setenv(name, value.c_str(), 1);
  Process process(program, words);
  for (const auto& [name, value] : variables) ::unsetenv(name);
  return process.end();
}

/// How many calls of each of failing_kinds a program makes below a folder.
inline std::array<int, failing_kinds.size()> count_calls(const char* program, const std::vector<std::string>& words,
                                                         const std::string& below) {
  const TemporaryFolder folder;
  const Finished e = run_failing(program, words, {.below = below}, folder / "counts");
  REQUIRE_MESSAGE(e.status == 0, e.errors);
  std::ifstream file(folder / "counts");
  std::array<int, failing_kinds.size()> counts{};
  for (int& count : counts) REQUIRE(bool(file >> count));
  return counts;
}

}  // namespace strata::testing

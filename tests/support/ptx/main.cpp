// SPDX-License-Identifier: MIT
// The main function of tests that run device code: all of their cases in each order of a kernel's threads, and once
// more looking for races; --passes=reversed,races chooses.
#define DOCTEST_CONFIG_IMPLEMENT
#include <doctest/doctest.h>

#include "executor.hpp"

#include <algorithm>
#include <cstdio>
#include <string>

namespace ptx = strata::testing::ptx;

int main(int count, char** words) {
  std::string passes = "forward,reversed,shuffled,races";
  for (int k = 1; k < count; k++)
    if (const std::string word = words[k]; word.starts_with("--passes=")) passes = word.substr(9);
  int result = 0;
  for (std::size_t begin = 0, end = 0; begin < passes.size(); begin = end + 1) {
    end = std::min(passes.find(',', begin), passes.size());
    const std::string pass = passes.substr(begin, end - begin);
    ptx::settings().order = pass == "reversed"   ? ptx::Order::reversed
                            : pass == "shuffled" ? ptx::Order::shuffled
                                                 : ptx::Order::forward;
    ptx::settings().races = pass == "races";
    if (pass != "forward" && pass != "reversed" && pass != "shuffled" && pass != "races") {
      std::printf("--passes: '%s' is not a pass; give forward, reversed, shuffled or races\n", pass.c_str());
      return 2;
    }
    std::printf("%s\n", pass.c_str());
    std::fflush(stdout);
    doctest::Context context(count, words);
    result |= context.run();
    if (context.shouldExit()) return result;
  }
  const ptx::Counts counts = ptx::counts();
  std::printf("%ld launches of %d of the %d kernels\n", counts.launches, counts.kernels, counts.translated);
  return result;
}

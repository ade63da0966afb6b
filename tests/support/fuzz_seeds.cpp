// SPDX-License-Identifier: MIT
// Of a libFuzzer program: STRATA_FUZZ_SEEDS=DIR makes it write its seeds into that folder and end.
#include <cstdio>
#include <cstdlib>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* folder = std::getenv("STRATA_FUZZ_SEEDS");
  if (!folder) return 0;
  int number = 0;
  for (const strata::Bytes& seed : strata::testing::fuzz_seeds())
    strata::write_file(std::string(folder) + "/seed-" + std::to_string(number++), seed);
  std::exit(0);
}

// SPDX-License-Identifier: MIT
// Makes a libFuzzer program write its seeds into the folder STRATA_FUZZ_SEEDS, if that is set, and exit.
#include <cstdio>
#include <cstdlib>

#include "fuzz.hpp"

extern "C" int LLVMFuzzerInitialize(int*, char***) {
  const char* folder = std::getenv("STRATA_FUZZ_SEEDS");
  if (!folder) return 0;
  int number = 0;
  for (const strata::core::Bytes& seed : strata::testing::fuzz_seeds())
    strata::core::write_file(std::string(folder) + "/seed-" + std::to_string(number++), seed);
  std::exit(0);
}

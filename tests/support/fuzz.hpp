// SPDX-License-Identifier: MIT
// A fuzz target defines the function that libFuzzer calls, files to begin with, and what an input may cost. With
// clang's -fsanitize=fuzzer it is a libFuzzer program; otherwise fuzz_main.cpp damages the seeds some thousand times,
// the same way in every run, and holds each input to its limits.
#pragma once

#include <strata/core/file.hpp>

#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

namespace strata::testing {

std::vector<Bytes> fuzz_seeds();

/// Of an input of n bytes: `bytes` + n * `bytes_per_byte` of memory, all allocations added up, those of libraries too,
/// and `steps` + n * `steps_per_byte` steps (steps.hpp) of the target and the headers it includes. Some times what the
/// costliest input of the test takes; the test prints that.
struct FuzzLimits {
  long bytes, bytes_per_byte, steps, steps_per_byte;
};
extern const FuzzLimits fuzz_limits;

}  // namespace strata::testing

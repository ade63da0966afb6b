// SPDX-License-Identifier: MIT
// A fuzz target defines the function that libFuzzer calls, seed files, and what an input may cost. With clang's
// -fsanitize=fuzzer it is a libFuzzer program; otherwise fuzz_main.cpp damages the seeds some thousand times, the same
// way in every run, and checks the cost of each input.
#pragma once

#include <strata/core/files/file.hpp>

#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

namespace strata::testing {

std::vector<core::Bytes> fuzz_seeds();

/// The limits for an input of n bytes: `bytes` + n * `bytes_per_byte` of memory, the sum of all allocations, those of
/// libraries included, and `steps` + n * `steps_per_byte` steps (steps.hpp) of the target and the headers that it
/// includes. They are a few times the cost of the test's most expensive input, which the test prints.
struct FuzzLimits {
  long bytes, bytes_per_byte, steps, steps_per_byte;
};
extern const FuzzLimits fuzz_limits;

}  // namespace strata::testing

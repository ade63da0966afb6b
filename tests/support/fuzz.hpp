// SPDX-License-Identifier: MIT
// A fuzz target defines the function that libFuzzer calls, and files to begin with. With clang's -fsanitize=fuzzer it is
// a libFuzzer program; otherwise fuzz_main.cpp damages the seeds some thousand times, the same way in every run.
#pragma once

#include <strata/core/file.hpp>

#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size);

namespace strata::testing {

std::vector<Bytes> fuzz_seeds();

}  // namespace strata::testing

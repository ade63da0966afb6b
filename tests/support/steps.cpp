// SPDX-License-Identifier: MIT
// The function that the compiler calls in each block of a test that counts steps; this file is compiled without such
// calls.
#include "steps.hpp"

namespace strata::testing {

long steps_so_far = 0;

}  // namespace strata::testing

// NOLINTNEXTLINE(bugprone-reserved-identifier): what the compiler calls
extern "C" void __sanitizer_cov_trace_pc() { strata::testing::steps_so_far++; }

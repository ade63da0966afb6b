// SPDX-License-Identifier: MIT
// What the compiler calls in each block of a test that counts; compiled without such calls itself.
#include "steps.hpp"

namespace strata::testing {

long steps_so_far = 0;

}  // namespace strata::testing

extern "C" void __sanitizer_cov_trace_pc() { strata::testing::steps_so_far++; }

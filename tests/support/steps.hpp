// SPDX-License-Identifier: MIT
// The work of code, as the number of basic blocks that it executes (-fsanitize-coverage=trace-pc): unlike seconds, the
// same in every run on every machine. For tests that tests/CMakeLists.txt marks with STEPS.
#pragma once

namespace strata::testing {

extern long steps_so_far;

/// The number of blocks that f executes in the test's own file and the headers that it includes.
template <class F>
long steps(F&& f) {
  const long before = steps_so_far;
  f();
  return steps_so_far - before;
}

}  // namespace strata::testing

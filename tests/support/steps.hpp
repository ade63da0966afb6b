// SPDX-License-Identifier: MIT
// How much work code does, in blocks that it runs through, as the compiler numbers them (-fsanitize-coverage=trace-pc): the
// same in every run on every machine, which seconds are not. For tests that tests/CMakeLists.txt marks with STEPS.
#pragma once

namespace strata::testing {

extern long steps_so_far;

/// The blocks that f runs through, of the test's own file and of the headers it includes.
template <class F>
long steps(F&& f) {
  const long before = steps_so_far;
  f();
  return steps_so_far - before;
}

}  // namespace strata::testing

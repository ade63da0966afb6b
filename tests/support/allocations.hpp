// SPDX-License-Identifier: MIT
// The bytes requested from malloc and its relatives since the program began, by any code, freed or not.
#pragma once

namespace strata::testing {

extern long allocated_so_far;

/// Starts to count, where allocations are not counted from the start.
void count_allocations();

}  // namespace strata::testing

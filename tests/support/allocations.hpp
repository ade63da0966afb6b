// SPDX-License-Identifier: MIT
// The bytes asked of malloc and its kin since the program began, by whatever code, freed or not.
#pragma once

namespace strata::testing {

extern long allocated_so_far;

/// Begins to count where it is not counted from the start.
void count_allocations();

}  // namespace strata::testing

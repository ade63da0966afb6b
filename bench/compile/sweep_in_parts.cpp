// SPDX-License-Identifier: MIT
// The same sweep, judged as strata_experiment() of CMake does: with a function after every 50 candidates.
#include <strata/experiment/listing.hpp>

#include "sweep_of_1000.hpp"

#define PART(n)                                            \
  static_assert(experiment::judged_part<Candidates, (n)>); \
  inline void part_##n() {}
PART(0)
PART(1)
PART(2)
PART(3)
PART(4)
PART(5)
PART(6)
PART(7)
PART(8)
PART(9)
PART(10)
PART(11)
PART(12)
PART(13)
PART(14)
PART(15)
PART(16)
PART(17)
PART(18)
PART(19)
#undef PART

static_assert(Candidates::total == 1000);
static_assert(Candidates::survivors().size() > 100);

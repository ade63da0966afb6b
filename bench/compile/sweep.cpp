// SPDX-License-Identifier: MIT
// Judges the candidates where a list of them is needed.
#include "sweep_of_1000.hpp"

static_assert(Candidates::total == 1000);
static_assert(Candidates::survivors().size() > 100);

// SPDX-License-Identifier: MIT
// What every user of the library pays: the umbrella header.
#include <strata/strata.hpp>

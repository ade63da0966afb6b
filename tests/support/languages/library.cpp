// SPDX-License-Identifier: MIT
// The shared library that the tests of other languages call.
#include <strata/infer/c_interface.hpp>

#include "networks.hpp"

STRATA_C_INTERFACE(strata::testing::TestNetworks);

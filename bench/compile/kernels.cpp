// SPDX-License-Identifier: MIT
// A file of strata::kernels: all code that depends on no network.
#include <strata/define_kernels.hpp>

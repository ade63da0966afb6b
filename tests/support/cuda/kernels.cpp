// SPDX-License-Identifier: MIT
// The library's own kernels, compiled for the host.
#include <strata/cuda/define_kernels.hpp>

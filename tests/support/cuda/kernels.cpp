// SPDX-License-Identifier: MIT
// The library's own kernels, compiled for the host.
#include <strata/cuda/kernels/define_kernels.hpp>

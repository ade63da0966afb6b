// SPDX-License-Identifier: MIT
// Marks functions that also run on a GPU: nvcc compiles them for host and device; for other compilers it is empty.
#pragma once

#if defined(__CUDACC__)
#define STRATA_DEVICE __host__ __device__
#else
#define STRATA_DEVICE
#endif

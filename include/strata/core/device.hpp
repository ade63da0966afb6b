// SPDX-License-Identifier: MIT
// A function that a GPU may run as well: under nvcc it is compiled for both sides, elsewhere the word means nothing.
#pragma once

#if defined(__CUDACC__)
#define STRATA_DEVICE __host__ __device__
#else
#define STRATA_DEVICE
#endif

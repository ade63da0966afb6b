// SPDX-License-Identifier: MIT
#include <strata/cuda/instantiate.hpp>

#include "network.hpp"

STRATA_INSTANTIATE_CUDA(Net)

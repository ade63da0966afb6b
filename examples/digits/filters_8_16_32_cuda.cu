// SPDX-License-Identifier: MIT
#include <strata/cuda/instantiate.hpp>
#include <strata/models/digits.hpp>

STRATA_INSTANTIATE_CUDA(strata::Digits<8, 16, 32>)

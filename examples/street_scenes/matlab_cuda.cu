// SPDX-License-Identifier: MIT
#include <strata/cuda/instantiate.hpp>

#include "street.hpp"

using namespace street_scenes;

STRATA_INSTANTIATE_CUDA(Street<96, 128, strata::models::MatlabLike, Usual>)
STRATA_INSTANTIATE_CUDA(Street<360, 480, strata::models::MatlabLike, Usual>)
STRATA_INSTANTIATE_CUDA(Street<720, 960, strata::models::MatlabLike, Usual>)
STRATA_INSTANTIATE_CUDA(Street<96, 128, strata::models::MatlabLike, Deeper>)
STRATA_INSTANTIATE_CUDA(Street<360, 480, strata::models::MatlabLike, Deeper>)
STRATA_INSTANTIATE_CUDA(Street<720, 960, strata::models::MatlabLike, Deeper>)

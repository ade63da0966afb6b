// SPDX-License-Identifier: MIT
#include <strata/cuda/instantiate.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

STRATA_INSTANTIATE_CUDA(strata::DeepLabv3Plus<strata::Image<96, 128, 3>, STRATA_STREET_CLASSES, strata::TorchvisionLike>)
STRATA_INSTANTIATE_CUDA(strata::DeepLabv3Plus<strata::Image<360, 480, 3>, STRATA_STREET_CLASSES, strata::TorchvisionLike>)
STRATA_INSTANTIATE_CUDA(strata::DeepLabv3Plus<strata::Image<720, 960, 3>, STRATA_STREET_CLASSES, strata::TorchvisionLike>)

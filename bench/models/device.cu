// SPDX-License-Identifier: MIT
#include <strata/cuda/instantiate.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

using namespace strata;
using namespace strata::models;

STRATA_INSTANTIATE_CUDA(Digits<8, 16, 32>)
using Street360 = DeepLabv3Plus<Image<360, 480, 3>, 11, TorchvisionLike>;
using Street720 = DeepLabv3Plus<Image<720, 960, 3>, 11, TorchvisionLike>;
STRATA_INSTANTIATE_CUDA(Street360)
STRATA_INSTANTIATE_CUDA(Street720)

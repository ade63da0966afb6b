// SPDX-License-Identifier: MIT
#include <strata/cuda/instantiate.hpp>
#include <strata/models/deeplab_v3_plus.hpp>

namespace {

template <int Height, int Width, class Depths>
using Street = strata::DeepLabv3Plus<strata::Image<Height, Width, 3>, STRATA_STREET_CLASSES, strata::TorchvisionLike, Depths>;
using Usual = strata::Depths<2, 2, 2, 2>;
using Deeper = strata::Depths<2, 2, 2, 3>;

}  // namespace

STRATA_INSTANTIATE_CUDA(Street<96, 128, Usual>)
STRATA_INSTANTIATE_CUDA(Street<360, 480, Usual>)
STRATA_INSTANTIATE_CUDA(Street<720, 960, Usual>)
STRATA_INSTANTIATE_CUDA(Street<96, 128, Deeper>)
STRATA_INSTANTIATE_CUDA(Street<360, 480, Deeper>)
STRATA_INSTANTIATE_CUDA(Street<720, 960, Deeper>)

// SPDX-License-Identifier: MIT
// The networks of tests/cuda/whole_networks.cpp.
#pragma once

#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

namespace strata::testing {

template <class Variant>
using Street = models::DeepLabv3Plus<Image<32, 48, 3>, 5, Variant>;

/// Batch norms inside the blocks and after them, and two paths that meet.
template <int Height, int Width>
using Residuals =
    Network<Image<Height, Width, 3>, Conv<3, 8>, BatchNorm, ReLU,
            Residual<Sequential<Conv<3, 8>, BatchNorm, ReLU, Conv<3, 8>, BatchNorm>>, ReLU, Conv<3, 8, Stride<2>>,
            BatchNorm, ReLU, Conv<3, 8>, BatchNorm, ReLU, Conv<1, 4>, PixelSoftmax>;

using TrainedNetworks = spec::type_list<models::Digits<>, Street<models::TorchvisionLike>, Street<models::MatlabLike>,
                                        Residuals<9, 10>, Residuals<5, 6>>;

}  // namespace strata::testing

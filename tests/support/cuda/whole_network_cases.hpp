// SPDX-License-Identifier: MIT
// Networks that run as one kernel (kernels/whole_network.hpp): each kind of node that it supports, functors that a pool
// follows, and rows, columns and channels that 256 threads do not divide evenly.
#pragma once

#include <strata/models/digits.hpp>
#include <strata/spec/layers.hpp>

namespace strata::testing {

using WholeNetworkCases =
    spec::type_list<models::Digits<4, 8, 8>,
                    Network<Image<12, 20, 3>, Conv<3, 8>, BatchNorm, ReLU, Conv<3, 11>, PixelSoftmax>,
                    Network<Image<9, 11, 2>, Conv<3, 6>, GELU, Residual<Sequential<Conv<3, 6>, BatchNorm>>,
                            LeakyReLU<0.1>, MaxPool<3, Stride<2>>, Conv<Size{1, 3}, 5, Stride<2>>, Sigmoid, MaxPool<2>,
                            Dense<37>, Tanh, Dense<3>, Softmax>>;

}  // namespace strata::testing

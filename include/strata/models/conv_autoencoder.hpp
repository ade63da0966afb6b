// SPDX-License-Identifier: MIT
// A convolutional autoencoder (after Masci et al. 2011, "Stacked convolutional auto-encoders").
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

/// A network whose output should be its input, through a small map in the middle: two 3x3 convolutions with stride 2, a
/// 1x1 convolution to `Code` channels, and the way back (after Masci et al., doi 10.1007/978-3-642-21735-7_7, with
/// strides in place of pools). H x W x C -> H x W x C, from 0 to 1; the code is H/4 x W/4 x Code. H and W must be
/// multiples of 4. `Channels`: of the maps between.
template <class Input = Image<28, 28, 1>, int Code = 2, int Channels = 16>
using ConvAutoencoder = Network<Input,
                                Named<"encoder", Sequential<Conv<3, Channels, Stride<2>>, ReLU,            // /2
                                                            Conv<3, Channels, Stride<2>>, ReLU,            // /4
                                                            Conv<1, Code>>>,                               //
                                Named<"decoder", Sequential<TransposedConv<2, Channels, Stride<2>>, ReLU,  // /2
                                                            TransposedConv<2, Channels, Stride<2>>, ReLU,  // /1
                                                            Conv<3, Input::shape.channels>>>,              //
                                Sigmoid>;

}  // namespace strata::models

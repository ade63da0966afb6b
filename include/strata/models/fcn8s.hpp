// SPDX-License-Identifier: MIT
// FCN-8s (Long et al., arXiv 1411.4038): VGG-16 as a segmentation network.
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

namespace fcn8s {

/// Two 3x3 convolutions, and a pool: H x W x C -> H/2 x W/2 x Channels.
template <int Channels>
using Pair = Sequential<Conv<3, Channels, Pad<1>>, ReLU, Conv<3, Channels, Pad<1>>, ReLU, MaxPool<2>>;
/// The same with three.
template <int Channels>
using Triple = Sequential<Conv<3, Channels, Pad<1>>, ReLU, Conv<3, Channels, Pad<1>>, ReLU, Conv<3, Channels, Pad<1>>,
                          ReLU, MaxPool<2>>;

/// Adds the scores of the map `Skip` to those before it.
template <core::FixedString Skip, core::FixedString Name, int Classes>
using Add = Named<"", Sum<Identity, Named<"", Sequential<From<Skip>, Named<Name, Conv<1, Classes>>>>>>;

}  // namespace fcn8s

/// FCN-8s (Long et al., arXiv 1411.4038): a map of `Classes` probabilities of the input's size, whose rows and columns
/// must be multiples of 32. H x W x C -> H x W x Classes. Convolutions pad by half their kernel instead of the paper's
/// 100 pixels, and so no map is cropped; the upsampling is learned at all three steps. `Drop`: the probability of the
/// two dropouts. `Hidden`: channels of fc6 and fc7.
template <class Input = Image<224, 224, 3>, int Classes = 21, Real Drop = Real{0.5}, int Hidden = 4096>
using FCN8s = Network<Input,                                                                //
                      Named<"block1", fcn8s::Pair<64>>, Named<"block2", fcn8s::Pair<128>>,  // /4
                      Named<"block3", fcn8s::Triple<256>>, Tap<"pool3">,                    // /8
                      Named<"block4", fcn8s::Triple<512>>, Tap<"pool4">,                    // /16
                      Named<"block5", fcn8s::Triple<512>>,                                  // /32
                      Named<"fc6", Conv<7, Hidden, Pad<3>>>, ReLU, Dropout<Drop>, Named<"fc7", Conv<1, Hidden>>, ReLU,
                      Dropout<Drop>, Named<"score", Conv<1, Classes>>,                           //
                      Named<"upscore2", TransposedConv<4, Classes, Stride<2>, Pad<1>, NoBias>>,  // /16
                      fcn8s::Add<"pool4", "score_pool4", Classes>,                               //
                      Named<"upscore4", TransposedConv<4, Classes, Stride<2>, Pad<1>, NoBias>>,  // /8
                      fcn8s::Add<"pool3", "score_pool3", Classes>,                               //
                      Named<"upscore8", TransposedConv<16, Classes, Stride<8>, Pad<4>, NoBias>>, PixelSoftmax>;

}  // namespace strata::models

// SPDX-License-Identifier: MIT
// U-Net (Ronneberger et al., arXiv 1505.04597), padded and with batch norms.
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

namespace unet {

/// Two 3x3 convolutions: H x W x C -> H x W x Channels.
template <int Channels>
using Double = Sequential<Named<"conv1", Conv<3, Channels, Pad<1>, NoBias>>, Named<"bn1", BatchNorm>, ReLU,
                          Named<"conv2", Conv<3, Channels, Pad<1>, NoBias>>, Named<"bn2", BatchNorm>, ReLU>;

/// Twice the rows and columns and half the channels, joined with the map `Skip` of the way down.
template <core::FixedString Skip, int Channels>
using Up =
    Sequential<Named<"", Concat<Named<"", From<Skip>>, Named<"up", TransposedConv<2, Channels, Stride<2>, Pad<0>>>>>,
               Named<"", Double<Channels>>>;

}  // namespace unet

/// U-Net (Ronneberger et al., arXiv 1505.04597): a map of `Classes` probabilities of the input's size, whose rows and
/// columns must be multiples of 16. H x W x C -> H x W x Classes. Its convolutions are padded, and batch norms follow
/// them; both differ from the paper. `Channels`: of the first level, which double on each of the four levels below.
template <class Input = Image<256, 256, 3>, int Classes = 2, int Channels = 64>
using UNet = Network<Input,                                                                  //
                     Named<"down1", unet::Double<Channels>>, Tap<"level1">, MaxPool<2>,      // /2
                     Named<"down2", unet::Double<2 * Channels>>, Tap<"level2">, MaxPool<2>,  // /4
                     Named<"down3", unet::Double<4 * Channels>>, Tap<"level3">, MaxPool<2>,  // /8
                     Named<"down4", unet::Double<8 * Channels>>, Tap<"level4">, MaxPool<2>,  // /16
                     Named<"bottom", unet::Double<16 * Channels>>,                           //
                     Named<"up4", unet::Up<"level4", 8 * Channels>>,                         // /8
                     Named<"up3", unet::Up<"level3", 4 * Channels>>,                         // /4
                     Named<"up2", unet::Up<"level2", 2 * Channels>>,                         // /2
                     Named<"up1", unet::Up<"level1", Channels>>,                             // /1
                     Named<"score", Conv<1, Classes>>, PixelSoftmax>;

}  // namespace strata::models

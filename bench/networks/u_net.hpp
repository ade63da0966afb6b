// SPDX-License-Identifier: MIT
// A U-Net (Ronneberger et al. 2015) at 256 x 256 for two classes: padded, with batch norms, and with half as many
// channels as the original.
#pragma once

#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

namespace networks {

using namespace strata;

template <int Channels>
using TwoConvolutions =
    Sequential<Conv<3, Channels, NoBias>, BatchNorm, ReLU, Conv<3, Channels, NoBias>, BatchNorm, ReLU>;

using UNet = Network<Image<256, 256, 3>, TwoConvolutions<32>, Tap<"full">, MaxPool<2>,  //
                     TwoConvolutions<64>, Tap<"half">, MaxPool<2>,                      //
                     TwoConvolutions<128>, Tap<"fourth">, MaxPool<2>,                   //
                     TwoConvolutions<256>, Tap<"eighth">, MaxPool<2>,                   //
                     TwoConvolutions<512>,                                              //
                     TransposedConv<2, 256, Stride<2>>, Concat<From<"eighth">, Identity>, TwoConvolutions<256>,
                     TransposedConv<2, 128, Stride<2>>, Concat<From<"fourth">, Identity>, TwoConvolutions<128>,
                     TransposedConv<2, 64, Stride<2>>, Concat<From<"half">, Identity>, TwoConvolutions<64>,
                     TransposedConv<2, 32, Stride<2>>, Concat<From<"full">, Identity>, TwoConvolutions<32>, Conv<1, 2>,
                     PixelSoftmax>;
static_assert(parameters<UNet> == 7'763'074);

}  // namespace networks

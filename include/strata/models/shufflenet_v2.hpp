// SPDX-License-Identifier: MIT
// ShuffleNetV2 x1.0 (Ma et al., arXiv 1807.11164).
#pragma once

#include <strata/models/resnet18.hpp>

namespace strata::models {

namespace shufflenet_v2 {

/// 1x1 convolution, one filter per channel, 1x1 convolution: H x W x C -> H' x W' x Channels.
template <int Channels, int Step>
using Branch = Sequential<Conv<1, Channels, NoBias>, BatchNorm, ReLU,                 //
                          DepthwiseConv<3, Stride<Step>, Pad<1>, NoBias>, BatchNorm,  //
                          Conv<1, Channels, NoBias>, BatchNorm, ReLU>;

/// Half of the channels pass, the other half is filtered, and both are shuffled: H x W x C -> H x W x C.
template <int Channels>
using Unit = Sequential<
    Named<"",
          Concat<Named<"", Slice<0, Channels / 2>>,
                 Named<"", Sequential<Slice<Channels / 2, Channels / 2>, Named<"branch2", Branch<Channels / 2, 1>>>>>>,
    ChannelShuffle<2>>;
/// Both branches read all channels, at stride 2: H x W x C -> H/2 x W/2 x Channels.
template <int Channels>
using Reduce =
    Sequential<Named<"", Concat<Named<"branch1", Sequential<DepthwiseConv<3, Stride<2>, Pad<1>, NoBias>, BatchNorm,
                                                            Conv<1, Channels / 2, NoBias>, BatchNorm, ReLU>>,
                                Named<"branch2", Branch<Channels / 2, 2>>>>,
               ChannelShuffle<2>>;

/// `Count` units, the first of which reduces: H x W x C -> H/2 x W/2 x Channels.
template <int Count, int Channels>
using Stage = resnet::Blocks<Count, Reduce<Channels>, Unit<Channels>>;

}  // namespace shufflenet_v2

/// ShuffleNetV2 x1.0 (Ma et al., arXiv 1807.11164) with torchvision's names: H x W x C -> 1 x 1 x Classes.
template <class Input = Image<224, 224, 3>, int Classes = 1000>
using ShuffleNetV2 =
    Network<Input,                                                                                         //
            Named<"conv1", Sequential<Conv<3, 24, Stride<2>, Pad<1>, NoBias>, BatchNorm, ReLU>>,           // /2
            Named<"maxpool", MaxPool<3, Stride<2>, Pad<1>>>,                                               // /4
            Named<"stage2", shufflenet_v2::Stage<4, 116>>, Named<"stage3", shufflenet_v2::Stage<8, 232>>,  // /16
            Named<"stage4", shufflenet_v2::Stage<4, 464>>,                                                 // /32
            Named<"conv5", Sequential<Conv<1, 1024, NoBias>, BatchNorm, ReLU>>,                            //
            GlobalAvgPool, Named<"fc", Dense<Classes>>, Softmax>;

}  // namespace strata::models

// SPDX-License-Identifier: MIT
// MobileNetV2 (Sandler et al., arXiv 1801.04381).
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

namespace mobilenet_v2 {

/// Convolution, batch norm, ReLU6: H x W x C -> H' x W' x Channels.
template <int Kernel, int Channels, int Step = 1>
using Layer = Sequential<Conv<Kernel, Channels, Stride<Step>, Pad<Kernel / 2>, NoBias>, BatchNorm, ReLU6>;
/// The same with one filter per channel.
template <int Step>
using Depthwise = Sequential<DepthwiseConv<3, Stride<Step>, Pad<1>, NoBias>, BatchNorm, ReLU6>;

/// Expands the channels six times, filters each, and projects them on few: H x W x C -> H' x W' x Channels.
template <int Channels, int Step>
using Bottleneck = Named<"conv", Sequential<Sequential<Conv<1, Times<6>, NoBias>, BatchNorm, ReLU6>, Depthwise<Step>,
                                            Conv<1, Channels, NoBias>, BatchNorm>>;
/// The first block of a group: H x W x C -> H' x W' x Channels.
template <int Channels, int Step>
using First = Sequential<Bottleneck<Channels, Step>>;
/// One after it, around which the input is added: H x W x Channels -> H x W x Channels.
template <int Channels>
using Next = Sequential<Named<"", Residual<Bottleneck<Channels, 1>>>>;

/// The layers before the classifier, /32.
using Features = Sequential<Layer<3, 32, 2>,                                                                      // /2
                            Sequential<Named<"conv", Sequential<Depthwise<1>, Conv<1, 16, NoBias>, BatchNorm>>>,  //
                            First<24, 2>, Next<24>,                                                               // /4
                            First<32, 2>, Next<32>, Next<32>,                                                     // /8
                            First<64, 2>, Next<64>, Next<64>, Next<64>,                                           // /16
                            First<96, 1>, Next<96>, Next<96>,                                                     //
                            First<160, 2>, Next<160>, Next<160>,                                                  // /32
                            First<320, 1>, Layer<1, 1280>>;

}  // namespace mobilenet_v2

/// MobileNetV2 (Sandler et al., arXiv 1801.04381) of width 1 with torchvision's names: H x W x C -> 1 x 1 x Classes.
/// `Drop`: the probability of the dropout.
template <class Input = Image<224, 224, 3>, int Classes = 1000, Real Drop = Real{0.2}>
using MobileNetV2 = Network<Input, Named<"features", mobilenet_v2::Features>, GlobalAvgPool,
                            Named<"classifier", Sequential<Dropout<Drop>, Dense<Classes>>>, Softmax>;

}  // namespace strata::models

// SPDX-License-Identifier: MIT
// MobileNetV2 (Sandler et al., arXiv 1801.04381).
#pragma once

#include <strata/models/inverted_residual.hpp>

namespace strata::models {

namespace mobilenet_v2 {

/// Expands the channels six times, filters each, and projects them on few: H x W x C -> H' x W' x Channels.
template <int Channels, int Step = 1>
using Block = Sequential<
    Named<"conv", Sequential<inverted_residual::Layer<1, Times<6>, ReLU6>, inverted_residual::Depthwise<3, ReLU6, Step>,
                             Conv<1, Channels, NoBias>, BatchNorm>>>;
/// The same with dilation: H x W x C -> H x W x Channels.
template <int Channels, int Rate>
using DilatedBlock = Sequential<
    Named<"conv", Sequential<inverted_residual::Layer<1, Times<6>, ReLU6>,
                             Sequential<DepthwiseConv<3, Dilation<Rate>, Pad<Rate>, NoBias>, BatchNorm, ReLU6>,
                             Conv<1, Channels, NoBias>, BatchNorm>>>;
/// One around which the input is added: H x W x Channels -> H x W x Channels.
template <int Channels>
using Next = inverted_residual::Around<Block<Channels>>;

/// The layers before the classifier, /32.
using Features = Sequential<
    inverted_residual::Layer<3, 32, ReLU6, 2>,  // /2
    Sequential<Named<"conv", Sequential<inverted_residual::Depthwise<3, ReLU6, 1>, Conv<1, 16, NoBias>, BatchNorm>>>,
    Block<24, 2>, Next<24>,                      // /4
    Block<32, 2>, Next<32>, Next<32>,            // /8
    Block<64, 2>, Next<64>, Next<64>, Next<64>,  // /16
    Block<96>, Next<96>, Next<96>,               //
    Block<160, 2>, Next<160>, Next<160>,         // /32
    Block<320>, inverted_residual::Layer<1, 1280, ReLU6>>;

}  // namespace mobilenet_v2

/// MobileNetV2 (Sandler et al., arXiv 1801.04381) of width 1 with torchvision's names: H x W x C -> 1 x 1 x Classes.
/// `Drop`: the probability of the dropout.
template <class Input = Image<224, 224, 3>, int Classes = 1000, Real Drop = Real{0.2}>
using MobileNetV2 = Network<Input, Named<"features", mobilenet_v2::Features>, GlobalAvgPool,
                            Named<"classifier", Sequential<Dropout<Drop>, Dense<Classes>>>, Softmax>;

}  // namespace strata::models

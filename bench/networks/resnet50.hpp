// SPDX-License-Identifier: MIT
// ResNet-50 (He et al. 2016) at 224 x 224, with torchvision's names.
#pragma once

#include <strata/graph/lower.hpp>
#include <strata/models/resnet18.hpp>

namespace networks {

using namespace strata;

/// A 1x1 convolution to fewer channels, a 3x3 one and a 1x1 one to four times as many, beside a shortcut.
template <int Channels, class Shortcut, int Step = 1>
using Bottleneck = Sequential<
    Named<"", Residual<Named<"", Sequential<Named<"conv1", Conv<1, Channels, NoBias>>, Named<"bn1", BatchNorm>,
                                            Named<"relu1", ReLU>,  //
                                            Named<"conv2", Conv<3, Channels, Stride<Step>, Pad<1>, NoBias>>,
                                            Named<"bn2", BatchNorm>, Named<"relu2", ReLU>,  //
                                            Named<"conv3", Conv<1, 4 * Channels, NoBias>>, Named<"bn3", BatchNorm>>>,
                       Shortcut>>,
    Named<"relu3", ReLU>>;

template <int Channels, int Step>
using FirstBottleneck =
    Bottleneck<Channels,
               Named<"downsample", Sequential<Conv<1, 4 * Channels, Stride<Step>, NoBias, Pad<0>>, BatchNorm>>, Step>;

template <int Count, int Channels, int Step>
using BottleneckStage = models::resnet::Blocks<Count, FirstBottleneck<Channels, Step>, Bottleneck<Channels, Identity>>;

using ResNet50 = Network<Image<224, 224, 3>, models::resnet::Stem<NoBias>,  //
                         Named<"layer1", BottleneckStage<3, 64, 1>>,        //
                         Named<"layer2", BottleneckStage<4, 128, 2>>,       //
                         Named<"layer3", BottleneckStage<6, 256, 2>>,       //
                         Named<"layer4", BottleneckStage<3, 512, 2>>,       //
                         GlobalAvgPool, Named<"fc", Dense<1000>>, Softmax>;
static_assert(parameters<ResNet50> == 25'557'032);

}  // namespace networks

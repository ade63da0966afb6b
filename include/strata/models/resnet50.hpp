// SPDX-License-Identifier: MIT
// ResNet-50 (He et al., arXiv 1512.03385), with the stride in the 3x3 convolutions, as torchvision has it.
#pragma once

#include <strata/models/resnet18.hpp>

namespace strata::models {

namespace resnet {

/// 1x1, 3x3 and 1x1 convolutions, the last with four times the channels, + shortcut, relu. `Rate` dilates the 3x3 one.
template <int Channels, int Step, int Rate, class Shortcut>
using BottleneckOf = Sequential<
    Named<"",
          Residual<
              Named<"",
                    Sequential<Named<"conv1", Conv<1, Channels, NoBias>>, Named<"bn1", BatchNorm>, Named<"relu1", ReLU>,
                               Named<"conv2", Conv<3, Channels, Stride<Step>, Dilation<Rate>, Pad<Rate>, NoBias>>,
                               Named<"bn2", BatchNorm>, Named<"relu2", ReLU>,
                               Named<"conv3", Conv<1, 4 * Channels, NoBias>>, Named<"bn3", BatchNorm>>>,
              Shortcut>>,
    Named<"relu3", ReLU>>;

template <int Channels, int Rate = 1>
using Bottleneck = BottleneckOf<Channels, 1, Rate, Identity>;

/// The same with a 1x1 convolution in the shortcut.
template <int Channels, int Step, int Rate = 1>
using ProjectedBottleneck =
    BottleneckOf<Channels, Step, Rate,
                 Named<"downsample", Sequential<Conv<1, 4 * Channels, Stride<Step>, NoBias>, BatchNorm>>>;

/// `Count` bottlenecks; the first has the stride.
template <int Count, int Channels, int Step>
using BottleneckStage = Blocks<Count, ProjectedBottleneck<Channels, Step>, Bottleneck<Channels>>;

/// The same with dilation in place of the stride: `Before` in the first bottleneck, as in the stage before, then
/// `Rate`.
template <int Count, int Channels, int Before, int Rate>
using DilatedBottleneckStage = Blocks<Count, ProjectedBottleneck<Channels, 1, Before>, Bottleneck<Channels, Rate>>;

}  // namespace resnet

/// ResNet-50 (He et al., arXiv 1512.03385) with torchvision's names: H x W x C -> 1 x 1 x Classes. `Depth`: Depths<3,
/// 4, 6, 3>, or another ResNet of bottlenecks, such as ResNet-101, Depths<3, 4, 23, 3>.
template <class Input = Image<224, 224, 3>, int Classes = 1000, class Depth = Depths<3, 4, 6, 3>>
using ResNet50 = Network<Input,                                                                      //
                         resnet::Stem<NoBias>,                                                       // /4, 64
                         Named<"layer1", resnet::BottleneckStage<resnet::depth<Depth>(1), 64, 1>>,   // /4, 256
                         Named<"layer2", resnet::BottleneckStage<resnet::depth<Depth>(2), 128, 2>>,  // /8, 512
                         Named<"layer3", resnet::BottleneckStage<resnet::depth<Depth>(3), 256, 2>>,  // /16, 1024
                         Named<"layer4", resnet::BottleneckStage<resnet::depth<Depth>(4), 512, 2>>,  // /32, 2048
                         Named<"avgpool", GlobalAvgPool>, Named<"fc", Dense<Classes>>, Softmax>;

}  // namespace strata::models

// SPDX-License-Identifier: MIT
// ResNet-18 (He et al. 2016) with torchvision's names: the classifier, and the stages that other networks take from it.
#pragma once

#include <strata/spec/layers.hpp>

namespace strata {

template <int Kernel, int Channels, class... Option>
using ConvBnRelu = Sequential<Conv<Kernel, Channels, Option...>, BatchNorm, ReLU>;

/// conv, bn, relu, conv, bn + shortcut, relu. `First` and `Second` are the options of the two convolutions.
template <int Channels, class Shortcut, class First, class Second>
struct BasicBlockOf;
template <int Channels, class Shortcut, class... First, class... Second>
struct BasicBlockOf<Channels, Shortcut, type_list<First...>, type_list<Second...>> {
  using Body = Sequential<Named<"conv1", Conv<3, Channels, First...>>, Named<"bn1", BatchNorm>, Named<"relu1", ReLU>,
                          Named<"conv2", Conv<3, Channels, Second...>>, Named<"bn2", BatchNorm>>;
  using type = Sequential<Named<"", Residual<Named<"", Body>, Shortcut>>, Named<"relu2", ReLU>>;
};

template <int Channels, class First, class Second = First>
using BasicBlock = typename BasicBlockOf<Channels, Identity, First, Second>::type;

/// The same with a 1x1 convolution in the shortcut.
template <int Channels, class First, class Second, class... Projection>
using ProjectionBlock =
    typename BasicBlockOf<Channels, Named<"downsample", Sequential<Conv<1, Channels, Projection...>, BatchNorm>>, First, Second>::type;

namespace resnet {

/// `Option`: of every convolution. Without padding among them a stride of 1 keeps the size.
template <class... Option>
using Stem = Named<"", Sequential<Named<"conv1", Conv<7, 64, Stride<2>, Pad<3>, Option...>>, Named<"bn1", BatchNorm>,
                                  Named<"relu", ReLU>, Named<"maxpool", MaxPool<3, Stride<2>, Pad<1>>>>>;

template <class... Option>
using FirstStage = Sequential<BasicBlock<64, type_list<Option...>>, BasicBlock<64, type_list<Option...>>>;

/// Two blocks. The first one strides: its first convolution, padded by `Padding`, and its shortcut. The other three
/// convolutions are dilated by `Rate`.
template <int Channels, int Step, class Padding, int Rate, class... Option>
using Stage = Sequential<ProjectionBlock<Channels, type_list<Stride<Step>, Padding, Option...>,
                                         type_list<Dilation<Rate>, Option...>, Stride<Step>, Option...>,
                         BasicBlock<Channels, type_list<Dilation<Rate>, Option...>>>;

}  // namespace resnet

template <class Input, int Classes>
using ResNet18 = Network<Input,                                                           //
    resnet::Stem<NoBias>,                                                                 // /4, 64
    Named<"layer1", resnet::FirstStage<NoBias>>,                                          // /4, 64
    Named<"layer2", resnet::Stage<128, 2, Pad<1>, 1, NoBias>>,                            // /8, 128
    Named<"layer3", resnet::Stage<256, 2, Pad<1>, 1, NoBias>>,                            // /16, 256
    Named<"layer4", resnet::Stage<512, 2, Pad<1>, 1, NoBias>>,                            // /32, 512
    Named<"avgpool", GlobalAvgPool>, Named<"fc", Dense<Classes>>, Softmax>;

}  // namespace strata

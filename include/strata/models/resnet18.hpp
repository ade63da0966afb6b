// SPDX-License-Identifier: MIT
// ResNet-18's trunk (He et al. 2016) with torchvision's names, and the blocks it is made of.
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
  using Body = Sequential<Named<"conv1", Conv<3, Channels, First...>>, Named<"bn1", BatchNorm>, ReLU,
                          Named<"conv2", Conv<3, Channels, Second...>>, Named<"bn2", BatchNorm>>;
  using type = Sequential<Residual<Body, Shortcut>, ReLU>;
};

template <int Channels, class First, class Second = First>
using BasicBlock = typename BasicBlockOf<Channels, Identity, First, Second>::type;

/// The same with a 1x1 convolution in the shortcut.
template <int Channels, class First, class Second, class... Projection>
using ProjectionBlock =
    typename BasicBlockOf<Channels, Named<"downsample", Sequential<Conv<1, Channels, Projection...>, BatchNorm>>, First, Second>::type;

}  // namespace strata

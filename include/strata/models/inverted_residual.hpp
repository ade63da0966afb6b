// SPDX-License-Identifier: MIT
// What MobileNetV2, MobileNetV3 and EfficientNet are made of (Sandler et al., arXiv 1801.04381), with torchvision's
// names.
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models::inverted_residual {

/// Convolution, batch norm, activation: H x W x C -> H' x W' x Channels.
template <int Kernel, int Channels, class Activation, int Step = 1, class Norm = BatchNorm>
using Layer = Sequential<Conv<Kernel, Channels, Stride<Step>, Pad<Kernel / 2>, NoBias>, Norm, Activation>;

/// The same with one filter per channel: H x W x C -> H' x W' x C.
template <int Kernel, class Activation, int Step, class Norm = BatchNorm>
using Depthwise = Sequential<DepthwiseConv<Kernel, Stride<Step>, Pad<Kernel / 2>, NoBias>, Norm, Activation>;

/// A 1x1 convolution and a batch norm: H x W x C -> H x W x Channels.
template <int Channels, class Norm = BatchNorm>
using Project = Sequential<Conv<1, Channels, NoBias>, Norm>;

/// A block around which the input is added: H x W x C -> H x W x C.
template <class Block>
using Around = Sequential<Named<"", Residual<Named<"", Block>>>>;

}  // namespace strata::models::inverted_residual

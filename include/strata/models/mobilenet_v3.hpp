// SPDX-License-Identifier: MIT
// MobileNetV3-Small (Howard et al., arXiv 1905.02244).
#pragma once

#include <strata/models/inverted_residual.hpp>

namespace strata::models {

namespace mobilenet_v3 {

using inverted_residual::Around;

/// The batch norm of all its layers: H x W x C -> H x W x C.
using Norm = BatchNormWith<1e-3, 0.01>;

/// Convolution, batch norm, activation: H x W x C -> H' x W' x Channels.
template <int Kernel, int Channels, class Activation, int Step = 1>
using Layer = inverted_residual::Layer<Kernel, Channels, Activation, Step, Norm>;
/// The same with one filter per channel: H x W x C -> H' x W' x C.
template <int Kernel, class Activation, int Step>
using Depthwise = inverted_residual::Depthwise<Kernel, Activation, Step, Norm>;
/// A 1x1 convolution and a batch norm: H x W x C -> H x W x Channels.
template <int Channels>
using Project = inverted_residual::Project<Channels, Norm>;
/// Squeeze-and-excitation, squeezed to `Channels`: H x W x C -> H x W x C.
template <int Channels>
using Excite = SqueezeExcite<Channels, ReLU, HardSigmoid>;

/// Expands the channels to `Expanded`, filters each, and projects them on `Channels`:
/// H x W x C -> H' x W' x Channels.
template <int Kernel, int Expanded, int Channels, class Activation, int Step = 1>
using Plain = Sequential<
    Named<"block", Sequential<Layer<1, Expanded, Activation>, Depthwise<Kernel, Activation, Step>, Project<Channels>>>>;
/// The same, which scales each filtered channel by squeeze-and-excitation.
template <int Kernel, int Expanded, int Channels, int Squeezed, class Activation, int Step = 1>
using Block = Sequential<Named<"block", Sequential<Layer<1, Expanded, Activation>, Depthwise<Kernel, Activation, Step>,
                                                   Excite<Squeezed>, Project<Channels>>>>;
/// The layers of the small network before its classifier, /32.
using SmallFeatures =
    Sequential<Layer<3, 16, HardSwish, 2>,                                                             // /2
               Sequential<Named<"block", Sequential<Depthwise<3, ReLU, 2>, Excite<8>, Project<16>>>>,  // /4
               Plain<3, 72, 24, ReLU, 2>, Around<Plain<3, 88, 24, ReLU>>,                              // /8
               Block<5, 96, 40, 24, HardSwish, 2>, Around<Block<5, 240, 40, 64, HardSwish>>,           // /16
               Around<Block<5, 240, 40, 64, HardSwish>>,                                               //
               Block<5, 120, 48, 32, HardSwish>, Around<Block<5, 144, 48, 40, HardSwish>>,             //
               Block<5, 288, 96, 72, HardSwish, 2>, Around<Block<5, 576, 96, 144, HardSwish>>,         // /32
               Around<Block<5, 576, 96, 144, HardSwish>>, Layer<1, 576, HardSwish>>;

}  // namespace mobilenet_v3

/// MobileNetV3-Small (Howard et al., arXiv 1905.02244) of width 1 with torchvision's names: H x W x C -> 1 x 1 x
/// Classes. `Drop`: the probability of the dropout.
template <class Input = Image<224, 224, 3>, int Classes = 1000, Real Drop = Real{0.2}>
using MobileNetV3Small =
    Network<Input, Named<"features", mobilenet_v3::SmallFeatures>, GlobalAvgPool,
            Named<"classifier", Sequential<Dense<1024>, HardSwish, Dropout<Drop>, Dense<Classes>>>, Softmax>;

}  // namespace strata::models

// SPDX-License-Identifier: MIT
// EfficientNet-B0 (Tan and Le, arXiv 1905.11946).
#pragma once

#include <strata/models/inverted_residual.hpp>

namespace strata::models {

namespace efficientnet {

using inverted_residual::Project;

/// Convolution, batch norm, SiLU: H x W x C -> H' x W' x Channels.
template <int Kernel, int Channels, int Step = 1>
using Layer = inverted_residual::Layer<Kernel, Channels, SiLU, Step>;
/// The same with one filter per channel: H x W x C -> H' x W' x C.
template <int Kernel, int Step>
using Depthwise = inverted_residual::Depthwise<Kernel, SiLU, Step>;

/// Expands `Inputs` channels six times, filters each, scales each, and projects them on `Channels`.
template <int Kernel, int Inputs, int Channels, int Step = 1>
using Block = Named<"block", Sequential<Layer<1, 6 * Inputs>, Depthwise<Kernel, Step>, SqueezeExcite<Inputs / 4, SiLU>,
                                        Project<Channels>>>;
/// Block number `Index` of 16, around which the input is added; training skips it for a share of the images that grows
/// with the depth up to `Drop` (stochastic depth).
template <int Kernel, int Channels, int Index, Real Drop>
using Next = inverted_residual::Around<
    Sequential<Named<"", Sequential<Block<Kernel, Channels, Channels>>>, DropPath<Real{Drop.value * Index / 16}>>>;

/// The layers of B0 before its classifier, /32.
template <Real Drop>
using Features = Sequential<
    Layer<3, 32, 2>,                                                                                           // /2
    Sequential<Sequential<Named<"block", Sequential<Depthwise<3, 1>, SqueezeExcite<8, SiLU>, Project<16>>>>>,  //
    Sequential<Sequential<Block<3, 16, 24, 2>>, Next<3, 24, 2, Drop>>,                                         // /4
    Sequential<Sequential<Block<5, 24, 40, 2>>, Next<5, 40, 4, Drop>>,                                         // /8
    Sequential<Sequential<Block<3, 40, 80, 2>>, Next<3, 80, 6, Drop>, Next<3, 80, 7, Drop>>,                   // /16
    Sequential<Sequential<Block<5, 80, 112>>, Next<5, 112, 9, Drop>, Next<5, 112, 10, Drop>>,                  //
    Sequential<Sequential<Block<5, 112, 192, 2>>, Next<5, 192, 12, Drop>, Next<5, 192, 13, Drop>,
               Next<5, 192, 14, Drop>>,
    Sequential<Sequential<Block<3, 192, 320>>>, Layer<1, 1280>>;  // /32

}  // namespace efficientnet

/// EfficientNet-B0 (Tan and Le, arXiv 1905.11946) with torchvision's names: H x W x C -> 1 x 1 x Classes. `Drop`: the
/// probability of the dropout, and the largest of the stochastic depths.
template <class Input = Image<224, 224, 3>, int Classes = 1000, Real Drop = Real{0.2}>
using EfficientNetB0 = Network<Input, Named<"features", efficientnet::Features<Drop>>, Named<"avgpool", GlobalAvgPool>,
                               Named<"classifier", Sequential<Dropout<Drop>, Dense<Classes>>>, Softmax>;

}  // namespace strata::models

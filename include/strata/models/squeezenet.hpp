// SPDX-License-Identifier: MIT
// SqueezeNet 1.1 (Iandola et al., arXiv 1602.07360; 1.1: github.com/forresti/SqueezeNet).
#pragma once

#include <strata/spec/layers.hpp>

namespace strata::models {

namespace squeezenet {

/// Squeezes the channels by a 1x1 convolution, and expands them by 1x1 and by 3x3 ones: H x W x C -> H x W x 2
/// Expanded.
template <int Squeezed, int Expanded>
using Fire = Sequential<Named<"squeeze", Conv<1, Squeezed>>, Named<"squeeze_activation", ReLU>,
                        Named<"", Concat<Named<"", Sequential<Named<"expand1x1", Conv<1, Expanded>>, ReLU>>,
                                         Named<"", Sequential<Named<"expand3x3", Conv<3, Expanded, Pad<1>>>, ReLU>>>>>;

/// 3x3 at stride 2: H x W x C -> H/2 x W/2 x C, rounded up.
using Pool = MaxPool<3, Stride<2>, CeilMode>;

}  // namespace squeezenet

/// SqueezeNet 1.1 (Iandola et al., arXiv 1602.07360) with torchvision's names: H x W x C -> 1 x 1 x Classes. `Drop`:
/// the probability of the dropout.
template <class Input = Image<224, 224, 3>, int Classes = 1000, Real Drop = Real{0.5}>
using SqueezeNet =
    Network<Input,
            Named<"features", Sequential<Conv<3, 64, Stride<2>, Pad<0>>, ReLU, squeezenet::Pool,                  // /4
                                         squeezenet::Fire<16, 64>, squeezenet::Fire<16, 64>, squeezenet::Pool,    // /8
                                         squeezenet::Fire<32, 128>, squeezenet::Fire<32, 128>, squeezenet::Pool,  // /16
                                         squeezenet::Fire<48, 192>, squeezenet::Fire<48, 192>,                    //
                                         squeezenet::Fire<64, 256>, squeezenet::Fire<64, 256>>>,
            Named<"classifier", Sequential<Dropout<Drop>, Conv<1, Classes>, ReLU, GlobalAvgPool>>, Softmax>;

}  // namespace strata::models

// SPDX-License-Identifier: MIT
// The networks of the tests of embedded programs, and the image that they read.
#pragma once

#include <strata/models/digits.hpp>
#include <strata/spec/layers.hpp>

namespace strata::testing {

using EmbeddedDigits = Digits<>;
/// With kernels that Digits does not have: of general shapes, depthwise, Winograd's, a residual, an enlargement.
using EmbeddedMix = Network<Image<12, 14, 3>, Conv<3, 32>, BatchNorm, ReLU, Residual<Conv<3, 32>>, AvgPool<2>,
                            DepthwiseConv<3>, BatchNorm, GELU, Upsample<2>, Conv<3, 20, Stride<2>>, Tanh,
                            TransposedConv<3, 5>, GlobalAvgPool, Dense<40>, LeakyReLU<0.1>, Dense<4>, Softmax>;

/// Whose images are what it reads; its dense layers have more outputs than a group.
using EmbeddedUnscaled = Network<Image<1, 1, 24>, Dense<70>, ReLU, Dense<67>, Tanh, Dense<3>>;

/// Pixel i of the image: a multiple of 1/32 in [0, 1).
constexpr float embedded_pixel(int i) { return float(i * 37 % 32) / 32; }

}  // namespace strata::testing

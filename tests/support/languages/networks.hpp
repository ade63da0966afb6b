// SPDX-License-Identifier: MIT
// The networks of the library that the tests call from other languages: one that classifies images, two that end in
// maps, and one with two sources and two heads. No kernel was tuned for them.
#pragma once

#include <strata/infer/any_model.hpp>
#include <strata/models/digits.hpp>

namespace strata::testing {

using SmallDigits = Digits<4, 8, 16>;
/// 20 x 36 x 3 -> 20 x 36 x 5, of odd channel counts, with a skip over the smaller map.
using Regions = Network<Image<20, 36, 3>, Conv<3, 6>, BatchNorm, ReLU, Tap<"fine">, Conv<3, 12, Stride<2>>, BatchNorm,
                        GELU, Upsample<2>, Concat<Identity, From<"fine">>, Conv<1, 5>, PixelSoftmax>;
/// 12 x 12 x 2 -> 6 x 6 x 1, without classes.
using Heat = Network<Image<12, 12, 2>, Conv<3, 4>, ReLU, MaxPool<2>, Conv<1, 1>, Sigmoid>;
/// 4 x 4 x 2 and 1 x 1 x 3 -> 3 classes and 2 values.
using Policy =
    Network<Inputs<Source<"picture", Image<4, 4, 2>>, Source<"tone", Image<1, 1, 3>>>, GlobalAvgPool,
            Concat<Identity, From<"tone">>, Outputs<Head<"class", Dense<3>, Softmax>, Head<"box", Dense<2>>>>;

using TestNetworks = infer::Networks<infer::Entry<"digits", SmallDigits>, infer::Entry<"regions", Regions>,
                                     infer::Entry<"heat", Heat, CpuWith<Exact>>, infer::Entry<"policy", Policy>>;

}  // namespace strata::testing

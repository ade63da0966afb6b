// SPDX-License-Identifier: MIT
// expect(gcc): strata: layer 0, Conv<3, 0>, is given 8x8x4: a size is not positive; sizes, strides, dilations and channels are whole
// expect(clang): layer<'0'>.*given<8, 8, 4>.*size_not_positive
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3>, Dense<10>, Softmax>;
constexpr auto& refused = graph::lowered<Net>;

// SPDX-License-Identifier: MIT
// expect(gcc): strata: layer 0, Residual<Conv<3, 4>, BatchNorm, ReLU>, is given 8x8x4: it has a body, a shortcut and more; put the
// expect(clang): layer<'0'>.*given<8, 8, 4>.*third_branch
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Residual<Conv<3, 4>, BatchNorm, ReLU>, Dense<10>, Softmax>;
constexpr auto& refused = graph::lowered<Net>;

// SPDX-License-Identifier: MIT
// expect(gcc): strata: layer 0, Conv<3, 8, Pad<1, 1, 1>>, is given 8x8x4: the options contradict each other [(]Pad has 1, 2 or 4 numbers[)]
// expect(clang): layer<'0'>.*options_contradict
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, 8, Pad<1, 1, 1>>, Dense<10>, Softmax>;
constexpr auto& refused = graph::lowered<Net>;

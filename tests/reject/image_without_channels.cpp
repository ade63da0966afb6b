// SPDX-License-Identifier: MIT
// expect(gcc): strata: layer input, Image<8, 8, 0>, is given 8x8: a size is not positive
// expect(clang): spelled<'I', 'm', 'a', 'g', 'e', '<', '8', ',', ' ', '8', ',', ' ', '0', '>'>.*size_not_positive
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8>, Conv<3, 8>, Dense<10>, Softmax>;
constexpr auto& refused = graph::lowered<Net>;

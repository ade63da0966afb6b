// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, DepthwiseConv<3, Multiplier<0>, NoBias>, is given 8x8x6: a size is not positive; sizes, strides, dilations
// expect(clang): given<8, 8, 6>.*Reason::size_not_positive
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 6>, DepthwiseConv<3, Multiplier<0>, NoBias>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

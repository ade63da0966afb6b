// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Dense<10, Stride<2>>, is given 8x8x4: the layer does not take that option
// expect(clang): the_layer_does_not_take_that_option
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Dense<10, Stride<2>>, Softmax>;

int main() { return int(parameters<Net>); }

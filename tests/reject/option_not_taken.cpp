// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Dense<10, Stride<2>>, is given 8x8x4: the layer does not take that option [(]Stride[)]; remove it
// expect(clang): Reason::option_not_taken
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Dense<10, Stride<2>>, Softmax>;

int main() { return int(parameters<Net>); }

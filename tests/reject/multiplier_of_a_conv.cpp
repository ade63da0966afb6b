// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Conv<3, 8, Multiplier<2>>, is given 8x8x4: the layer does not take that option [(]Multiplier[)]; remove it
// expect(clang): given<8, 8, 4>.*Reason::option_not_taken
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, 8, Multiplier<2>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

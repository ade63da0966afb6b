// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Conv<3, 8, Same, Pad<1>>, is given 8x8x4: the options contradict each other [(]Pad and Same exclude each other[)]; keep one
// expect(clang): Reason::options_contradict.*detail_is<'P', 'a', 'd'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, 8, Same, Pad<1>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

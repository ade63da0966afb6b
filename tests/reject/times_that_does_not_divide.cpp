// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, Conv<1, Times<1, 3>>, is given 8x8x8: a number of it is out of range [(]Times does not divide the channels of its input[)]; choose
// expect(clang): given<8, 8, 8>.*Reason::number_out_of_range
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, Times<2>>, Conv<1, Times<1, 3>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

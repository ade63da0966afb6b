// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, TransposedConv<3, 8, Stride<2>, Pad<1>, OutputPad<2>>, is given 8x8x4: a number of it is out of range [(]OutputPad is not below the stride[)]
// expect(clang): given<8, 8, 4>.*Reason::number_out_of_range
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, TransposedConv<3, 8, Stride<2>, Pad<1>, OutputPad<2>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, TransposedConv<2, 8, Pad<5>>, is given 8x8x4: Pad removes all rows or columns of its output [(]9x9x8[)]; pad less
// expect(clang): Reason::pad_removes_all.*against<9, 9, 8>
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, TransposedConv<2, 8, Pad<5>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

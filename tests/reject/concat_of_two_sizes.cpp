// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Concat<Conv<3, 8>, MaxPool<2>>, is given 8x8x4: the branches differ in rows or columns [(]8x8x8 and 4x4x4[)]; crop or resize
// expect(clang): given<8, 8, 4>.*Reason::branches_differ_in_size.*detail_is<'8', 'x', '8', 'x', '8', ' ', 'a'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Concat<Conv<3, 8>, MaxPool<2>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

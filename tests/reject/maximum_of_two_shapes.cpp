// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Maximum<Identity, Conv<1, 8>>, is given 8x8x4: the branches differ in shape [(]8x8x4 and 8x8x8[)]; give
// expect(clang): layer<'0'>.*given<8, 8, 4>.*Reason::branches_differ_in_shape
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Maximum<Identity, Conv<1, 8>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

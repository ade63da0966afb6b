// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Residual<Sequential<Conv<3, 8>, ReLU>, Identity>, is given 8x8x4: the branches differ in shape [(]8x8x8 and 8x8x4[)]; give the shortcut
// expect(clang): layer<'0'>.*given<8, 8, 4>.*Reason::branches_differ_in_shape.*detail_is<'8', 'x', '8', 'x', '8', ' ', 'a'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Residual<Sequential<Conv<3, 8>, ReLU>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

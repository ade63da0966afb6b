// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Residual<Sequential<Conv<3, 8>, ReLU>, Identity>, is given 8x8x8: the branches differ in shape [(]8x8x4[)]; give the shortcut
// expect(clang): layer<'0'>.*given<8, 8, 8>.*the_branches_differ_in_shape.*against<8, 8, 4>
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Residual<Sequential<Conv<3, 8>, ReLU>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

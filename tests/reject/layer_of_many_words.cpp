// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Residual<Sequential<.*[.][.][.], is given 8x8x4: the branches differ in shape [(]8x8x8 and 8x8x4[)]; give the shortcut
// expect(clang): Reason::branches_differ_in_shape
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Two = Sequential<Conv<3, 8, NoBias>, BatchNorm, ReLU, Conv<3, 8, NoBias>, BatchNorm, ReLU>;
using Six = Sequential<Two, Two, Two>;
using Net = Network<Image<8, 8, 4>, Residual<Sequential<Six, Six, Six, Six>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, GroupNorm<3>, is given 8x8x4: its groups do not divide its input and output channels; choose
// expect(clang): layer<'0'>.*given<8, 8, 4>.*Reason::groups_do_not_divide
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, GroupNorm<3>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

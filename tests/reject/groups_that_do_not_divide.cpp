// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Conv<3, 8, Groups<3>>, is given 8x8x6: its groups do not divide its input and output channels; choose a number
// expect(clang): given<8, 8, 6>.*Reason::groups_do_not_divide
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 6>, Conv<3, 8, Groups<3>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, Dense<10>, is given 8x8x3: an earlier layer has a tensor with the same name [(]1[.]weight[)]
// expect(clang): Reason::name_taken
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 3>, Named<"1", Conv<3, 3>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// clang-format off
// expect(gcc): layer 0, Conv<3, 8, NoBias>, is given 8x8x4: an earlier layer has a tensor with the same name [(]0[.]weight[)]
// expect(clang): Reason::name_taken
// clang-format on
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
template <int Channels>
using Block = Sequential<Conv<3, Channels, NoBias>, Named<"bn", BatchNorm>, ReLU>;
using Net = Network<Image<8, 8, 3>, Named<"", Block<4>>, Named<"", Block<8>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

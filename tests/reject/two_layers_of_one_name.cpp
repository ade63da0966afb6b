// SPDX-License-Identifier: MIT
// clang-format off
// expect(gcc): layer conv, Conv<3, 3>, is given 8x8x3: an earlier layer has a tensor with the same name [(]conv[.]weight[)]; give each
// expect(clang): Reason::name_taken.*detail_is<'c', 'o', 'n', 'v', '[.]'
// clang-format on
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 3>, Named<"conv", Conv<3, 3>>, ReLU, Named<"conv", Conv<3, 3>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

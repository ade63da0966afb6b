// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, Dense<10>, is given 8x8x3: a layer before it has a tensor of the same name [(]1[.]weight[)]
// expect(clang): a_layer_before_it_has_a_tensor_of_the_same_name
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 3>, Named<"1", Conv<3, 3>>, Dense<10>, Softmax>;

int main() {
  return int(parameters<Net>);
}

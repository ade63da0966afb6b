// SPDX-License-Identifier: MIT
// expect(gcc): layer stem[.][.]conv, Conv<3, 3>, is given 8x8x3: files and terminals cannot carry its name; name it
// expect(clang): files_and_terminals_cannot_carry_its_name
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 3>, Named<"stem..conv", Conv<3, 3>>, Dense<10>, Softmax>;

int main() {
  return int(parameters<Net>);
}

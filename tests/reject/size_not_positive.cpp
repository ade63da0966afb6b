// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Conv<3, 0>, is given 8x8x4: a size is not positive
// expect(clang): Reason::size_not_positive
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, 0>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

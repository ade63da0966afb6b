// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Conv<3, 8, ReLU>, is given 8x8x4: one of its template arguments is not an option; remove it
// expect(clang): Reason::not_an_option
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, 8, ReLU>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

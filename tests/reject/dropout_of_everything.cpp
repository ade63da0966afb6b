// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Dropout<1>, is given 8x8x4: the probability is out of range
// expect(clang): Reason::probability_out_of_range
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Dropout<1.0>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

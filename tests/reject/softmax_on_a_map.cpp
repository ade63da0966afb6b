// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, Softmax, is given 8x8x8: it needs a vector but gets a map; put Dense or GlobalAvgPool before it, or use PixelSoftmax
// expect(clang): layer<'1'>.*given<8, 8, 8>.*Reason::vector_expected
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, 8>, Softmax>;

int main() { return int(parameters<Net>); }

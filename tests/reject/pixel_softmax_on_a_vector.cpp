// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, PixelSoftmax, is given 1x1x10: it needs a map but gets a vector; use Softmax
// expect(clang): Reason::map_expected
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Dense<10>, PixelSoftmax>;

int main() { return int(parameters<Net>); }

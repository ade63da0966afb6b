// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, Image<8, 8, 4>, is given 8x8x8: an image is not a layer; give one Image
// expect(clang): layer<'1'>.*given<8, 8, 8>.*Reason::image_among_layers
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, 8>, Image<8, 8, 4>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

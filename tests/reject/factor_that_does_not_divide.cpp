// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, PixelShuffle<3>, is given 8x8x4: its factor does not divide its input [(]its square does not divide the channels[)]; choose
// expect(clang): given<8, 8, 4>.*Reason::factor_does_not_divide
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, PixelShuffle<3>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, DepthwiseConv<3, 8>, is given 8x8x6: its output channels are not a multiple of its input channels; choose a multiple
// expect(clang): given<8, 8, 6>.*Reason::channels_do_not_divide
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using namespace strata::core;
using Net = Network<Image<8, 8, 6>, DepthwiseConv<3, 8>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

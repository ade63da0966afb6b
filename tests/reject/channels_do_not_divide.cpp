// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, DepthwiseConv<3, 8>, is given 8x8x6: the channels it makes are no multiple of those of its input; choose a multiple
// expect(clang): given<8, 8, 6>.*the_channels_it_makes_are_no_multiple_of_its_inputs
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 6>, DepthwiseConv<3, 8>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Broadcast<Conv<1, 8>>, is given 8x8x4: the layers in it end in a map [(]8x8x8[)]; end them in a vector
// expect(clang): given<8, 8, 4>.*Reason::layers_end_in_a_map.*against<8, 8, 8>
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Broadcast<Conv<1, 8>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

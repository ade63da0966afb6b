// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Slice<2, 3>, is given 8x8x4: some of its channels are beyond those of its input; choose First
// expect(clang): given<8, 8, 4>.*Reason::channels_beyond_input
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Slice<2, 3>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

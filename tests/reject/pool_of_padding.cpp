// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, MaxPool<2, Pad<2>>, is given 8x8x4: the padding is not smaller than the window
// expect(clang): Reason::padding_not_smaller_than_window
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, MaxPool<2, Pad<2>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

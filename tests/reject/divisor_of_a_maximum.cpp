// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, MaxPool<3, Pad<1>, ExcludePadding>, is given 8x8x4: the layer does not take that option
// expect(clang): Reason::option_not_taken.*detail_is<'E', 'x', 'c'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, MaxPool<3, Pad<1>, ExcludePadding>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

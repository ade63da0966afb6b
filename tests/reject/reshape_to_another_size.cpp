// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, Reshape<4, 4, 2>, is given 1x1x30: its size has another number of elements than its input [(]4x4x2[)]; choose rows
// expect(clang): given<1, 1, 30>.*Reason::sizes_differ.*against<4, 4, 2>
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Dense<30>, Reshape<4, 4, 2>, PixelSoftmax>;

int main() { return int(parameters<Net>); }

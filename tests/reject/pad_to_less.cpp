// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, PadTo<9, 9, Offset<2, 0>>, is given 8x8x4: what it pads does not fit into its size [(]10x8[)]; pad to more
// expect(clang): Reason::target_smaller_than_input.*against<10, 8, 0>
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, PadTo<9, 9, Offset<2, 0>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

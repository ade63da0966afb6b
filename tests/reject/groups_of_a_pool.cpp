// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, MaxPool<2, Groups<2>>, is given 8x8x6: the layer does not take that option [(]Groups[)]; remove it
// expect(clang): Reason::option_not_taken.*detail_is<'G', 'r', 'o'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 6>, MaxPool<2, Groups<2>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, MaxPool<2, Same, CeilMode>, is given 8x8x4: the options contradict each other [(]CeilMode and Same
// expect(clang): Reason::options_contradict.*detail_is<'C', 'e', 'i', 'l'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, MaxPool<2, Same, CeilMode>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

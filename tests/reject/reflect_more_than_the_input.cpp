// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, Conv<5, 8, Same, Reflect>, is given 2x2x4: the padding would repeat more pixels than its input has; pad less
// expect(clang): given<2, 2, 4>.*Reason::padding_lacks_pixels
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, MaxPool<4>, Conv<5, 8, Same, Reflect>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 2, MaxPool<5>, is given 4x4x16: the window is larger than its input [(]5x5[)]; use a smaller kernel
// expect(clang): layer<'2'>.*given<4, 4, 16>.*Reason::window_larger_than_input
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<28, 28, 1>, Conv<3, 16>, MaxPool<7>, MaxPool<5>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

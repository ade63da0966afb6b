// SPDX-License-Identifier: MIT
// expect(gcc): layer 2, CropTo<.+big.+>, is given 4x4x4: the crop is larger than its input [(]8x8x4[)]
// expect(clang): Reason::crop_larger_than_input
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Tap<"big">, MaxPool<2>, CropTo<"big">, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

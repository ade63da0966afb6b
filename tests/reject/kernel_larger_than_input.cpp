// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Conv<64, 3>, is given 32x32x3: the kernel is larger than its input without padding [(]64x64[)]; write the kernel before the channels, unlike in PyTorch, or add Same or Pad
// expect(clang): layer<'0'>.*given<32, 32, 3>.*Reason::kernel_larger_than_input
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<32, 32, 3>, Conv<64, 3>, ReLU, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, LocalResponseNorm<5, 0.0001, 0.75, -1>, is given 8x8x4: a number of it is out of range [(]K is not positive[)]; choose another
// expect(clang): layer<'0'>.*Reason::number_out_of_range.*detail_is<'K', ' ', 'i', 's'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, LocalResponseNorm<5, 1e-4, 0.75, -1>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, Repeat<-1, ...>, is given 8x8x1: a size is not positive
// expect(clang): layer<'1'>.*Reason::size_not_positive
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 1>, ReLU, Repeat<-1, Conv<3, 4>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

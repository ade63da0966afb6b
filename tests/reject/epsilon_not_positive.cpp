// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, BatchNormWith<0, 0.1>, is given 8x8x4: epsilon is not positive; choose a small
// expect(clang): Reason::epsilon_not_positive
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, BatchNormWith<Real{0}, Real{0.1}>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

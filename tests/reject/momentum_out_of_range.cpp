// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, BatchNormWith<0.001, 1.5>, is given 8x8x4: the momentum is out of range; choose at least 0 and at most 1
// expect(clang): Reason::momentum_out_of_range
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, BatchNormWith<Real{1e-3}, Real{1.5}>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

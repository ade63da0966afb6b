// SPDX-License-Identifier: MIT
// expect(gcc): layer 1, InstanceNorm, is given 1x1x4: it takes each mean of one number, so that nothing is left; normalize a map of several pixels, or groups of several channels
// expect(clang): layer<'1'>.*given<1, 1, 4>.*Reason::norm_of_one_number
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, GlobalAvgPool, InstanceNorm, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

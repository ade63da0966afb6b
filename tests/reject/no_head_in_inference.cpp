// SPDX-License-Identifier: MIT
// expect(gcc): layer outputs, Outputs<OnlyInTraining<Head<.+aux.+, Dense<3>>>>, is given 8x8x4: it has no head that inference computes; give Outputs a Head
// expect(clang): layer<'o', 'u', 't', 'p', 'u', 't', 's'>.*Reason::no_head
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Outputs<OnlyInTraining<Head<"aux", Dense<3>>>>>;

int main() { return int(parameters<Net>); }

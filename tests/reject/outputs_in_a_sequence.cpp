// SPDX-License-Identifier: MIT
// expect(gcc): layer 0.1, Outputs<.*>, is given 8x8x4: the outputs are not at the end of the network; write Outputs as the last argument
// expect(clang): layer<'0', '.', '1'>.*Reason::outputs_not_last
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Sequential<ReLU, Outputs<Head<"class", Dense<3>>>>>;

int main() { return int(parameters<Net>); }

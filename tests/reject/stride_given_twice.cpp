// SPDX-License-Identifier: MIT
// expect(gcc): the options contradict each other [(]Stride is given twice[)]
// expect(clang): Reason::options_contradict.*detail_is<'S', 't', 'r'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, 8, Stride<2>, Stride<1>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

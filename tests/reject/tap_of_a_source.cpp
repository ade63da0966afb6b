// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Tap<.+tone.+>, is given 8x8x4: an earlier source or head has the same name [(]tone[)]; give each a unique name
// expect(clang): layer<'0'>.*Reason::name_of_another_port
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Inputs<Source<"tone", Image<8, 8, 4>>>, Tap<"tone">, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

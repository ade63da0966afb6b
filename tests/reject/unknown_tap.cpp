// SPDX-License-Identifier: MIT
// expect(gcc): layer 1.0, From<.+low.+>, is given 8x8x8: no earlier Tap has that name [(]low[)]; move the Tap earlier
// expect(clang): layer<'1', '.', '0'>.*Reason::unknown_tap.*detail_is<'l', 'o', 'w'>
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, 8>, Concat<From<"low">, Identity>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

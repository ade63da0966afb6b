// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Multiply<Identity, Sequential<GlobalAvgPool, Conv<1, 8>>>, is given 8x8x4: neither branch scales the other [(]8x8x4 and 1x1x8[)]; give them
// expect(clang): layer<'0'>.*given<8, 8, 4>.*Reason::branches_do_not_scale.*detail_is<'8', 'x', '8', 'x', '4', ' ', 'a'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Multiply<Identity, Sequential<GlobalAvgPool, Conv<1, 8>>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

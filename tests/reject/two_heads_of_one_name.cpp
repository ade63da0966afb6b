// SPDX-License-Identifier: MIT
// expect(gcc): layer class, Head<.+class.+, ReLU>, is given 8x8x4: an earlier source or head has the same name [(]class[)]; give each a unique name
// expect(clang): layer<'c', 'l', 'a', 's', 's'>.*Reason::name_of_another_port
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Outputs<Head<"class", Dense<3>>, Head<"class", ReLU>>>;

int main() { return int(parameters<Net>); }

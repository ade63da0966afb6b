// SPDX-License-Identifier: MIT
// expect(gcc): layer i, Head<.+i.+, ReLU>, is given 8x8x4: it is one source or head more than a network may have [(]8 is the limit[)]; remove it
// expect(clang): layer<'i'>.*Reason::too_many_ports
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net =
    Network<Image<8, 8, 4>, Outputs<Head<"a", ReLU>, Head<"b", ReLU>, Head<"c", ReLU>, Head<"d", ReLU>, Head<"e", ReLU>,
                                    Head<"f", ReLU>, Head<"g", ReLU>, Head<"h", ReLU>, Head<"i", ReLU>>>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Network<.*>, is given 8x8x4: a network is not a layer; use a Sequential
// expect(clang): layer<'0'>.*Reason::network_among_layers
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Trunk = Network<Image<8, 8, 4>, Conv<3, 8>>;
using Net = Network<Image<8, 8, 4>, Trunk, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

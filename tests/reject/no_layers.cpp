// SPDX-License-Identifier: MIT
// expect(gcc): the network has no layers; add at least one
// expect(clang): Reason::no_layers
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Sum<>, is given 8x8x4: it has no branches
// expect(clang): Reason::no_branches
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Sum<>>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer pool, int, is given 8x8x4: this type is not a layer; use a layer, or
// expect(clang): spelled<'i', 'n', 't'>.*Reason::not_a_layer
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Named<"pool", int>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

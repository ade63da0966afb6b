// SPDX-License-Identifier: MIT
// expect(gcc): layer 0.body, spec::sigmoid, is given 8x8x4: a functor is not a layer; wrap it: Pointwise<functor>
// expect(clang): Reason::functor_is_not_a_layer
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Residual<spec::sigmoid>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

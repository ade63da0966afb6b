// SPDX-License-Identifier: MIT
// expect(gcc): layer input, Conv<3, 8>: the network does not begin with an image; write Network<Image<
// expect(clang): Reason::no_image
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Conv<3, 8>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

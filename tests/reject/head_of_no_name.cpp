// SPDX-License-Identifier: MIT
// expect(gcc): the network has no head of that name; use one that its Outputs list
// expect(clang): the network has no head of that name; use one that its Outputs list
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Outputs<Head<"class", Dense<10>, Softmax>, Head<"box", Dense<4>>>>;

int main() { return output_shape<Net, "boxes">.channels; }

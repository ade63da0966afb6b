// SPDX-License-Identifier: MIT
// expect(gcc): Resize<6, 9, Nearest, AlignCorners>, is given 8x8x4: .* not an option [(]it takes Nearest or AlignCorners, once
// expect(clang): Reason::not_an_option.*detail_is<'i', 't', ' ', 't'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Resize<6, 9, Nearest, AlignCorners>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Split<Part<.+a.+, 2>, Part<.+b.+, 1>>, is given 8x8x4: its parts do not add up to the channels of its input; give
// expect(clang): given<8, 8, 4>.*Reason::parts_are_not_all
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Split<Part<"a", 2>, Part<"b", 1>>, Sum<From<"a">, From<"b">>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer class, Head<.+class.+, Dense<4>>, is given 8x8x4: it comes after a head that is only in training; write the heads
// expect(clang): layer<'c', 'l', 'a', 's', 's'>.*Reason::head_after_training_heads
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>,
                    Outputs<Head<"first", Dense<2>>, OnlyInTraining<Head<"aux", Dense<3>>>, Head<"class", Dense<4>>>>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): layer input.tone, Source<.+tone.+, Image<1, 16, 1>>, is given 1x16x1: nothing reads the source [(]tone[)]; read it with From
// expect(clang): layer<'i', 'n', 'p', 'u', 't', '.', 't', 'o', 'n', 'e'>.*Reason::unused_source
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Inputs<Source<"picture", Image<8, 8, 4>>, Source<"tone", Image<1, 16, 1>>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

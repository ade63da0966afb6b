// SPDX-License-Identifier: MIT
// expect(gcc): layer 2, Tap<.+a.+>, is given 8x8x8: an earlier Tap has the same name [(]a[)]; give each Tap
// expect(clang): Reason::duplicate_tap.*detail_is<'a'>
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Tap<"a">, Conv<3, 8>, Tap<"a">, CropTo<"a">, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

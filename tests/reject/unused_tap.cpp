// SPDX-License-Identifier: MIT
// expect(gcc): layer stem.1, Tap<.+low.+>, is given 8x8x8: nothing reads the Tap [(]low[)]; use it with From or CropTo
// expect(clang): layer<'s', 't', 'e', 'm', '.', '1'>.*Reason::unused_tap
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Named<"stem", Sequential<Conv<3, 8>, Tap<"low">>>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

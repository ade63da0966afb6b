// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, LayerNormWith<Affine, NoAffine>, is given 8x8x4: the options contradict each other [(]Affine and NoAffine exclude each other[)]; keep one
// expect(clang): layer<'0'>.*Reason::options_contradict.*detail_is<'A', 'f', 'f', 'i', 'n', 'e', ' ', 'a', 'n', 'd'
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, LayerNormWith<Affine, NoAffine>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

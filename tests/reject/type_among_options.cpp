// SPDX-License-Identifier: MIT
// expect(gcc): a template argument is not a layer option
// expect(clang): the_options_contradict_each_other
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<3, 8, ReLU>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

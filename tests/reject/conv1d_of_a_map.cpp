// SPDX-License-Identifier: MIT
// expect(gcc): layer 0, Conv1d<3, 8>, is given 8x8x4: it needs a signal but gets a map of several rows; begin with Signal
// expect(clang): given<8, 8, 4>.*Reason::signal_expected
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv1d<3, 8>, Dense<10>, Softmax>;

int main() { return int(parameters<Net>); }

// SPDX-License-Identifier: MIT
// expect(gcc): a predictor leaves out the heads that are OnlyInTraining; name another
// expect(clang): a predictor leaves out the heads that are OnlyInTraining; name another
#include <strata/infer/predictor.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Outputs<Head<"class", Dense<10>, Softmax>, OnlyInTraining<Head<"aux", Dense<4>>>>>;

int main() { return int(Predictor<Net>::head<"aux">.floats); }

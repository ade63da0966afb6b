// SPDX-License-Identifier: MIT
// expect: strata: the predictor is given parameters or buffers of another network
#include <strata/infer/predictor.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 1>, Conv<3, 8>, Dense<10>, Softmax>;
static Predictor<Net>::Storage storage;
static float weights[100], buffers[2];

int main() { Predictor<Net> predictor(storage, weights, buffers); }

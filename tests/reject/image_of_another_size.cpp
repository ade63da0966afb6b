// SPDX-License-Identifier: MIT
// expect: strata: classify[(]image[)] is given an array that is not one image
#include <strata/infer/predictor.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 1>, Conv<3, 8>, Dense<10>, Softmax>;
static Predictor<Net>::Storage storage;
static float weights[Predictor<Net>::parameter_floats], buffers[Predictor<Net>::buffer_floats];
static unsigned char image[100];

int main() { return Predictor<Net>(storage, weights, buffers).classify(image); }

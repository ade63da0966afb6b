// SPDX-License-Identifier: MIT
// expect: classify\(image\) chooses one class per image, but this network ends in a map of pixels; use run\(image, result\)
#include <strata/infer/predictor.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;
using Net = Network<Image<8, 8, 4>, Conv<1, 3>, PixelSoftmax>;

int classify(Predictor<Net>& predictor, Predictor<Net>::Floats image) { return predictor.classify(image); }

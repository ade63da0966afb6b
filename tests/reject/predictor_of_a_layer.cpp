// SPDX-License-Identifier: MIT
// expect: Predictor<Net> predicts with a network, but Net is not one; write Predictor<Network<Image<H, W, C>, layers...>>
#include <strata/infer/predictor.hpp>
#include <strata/spec/layers.hpp>

using namespace strata;

Predictor<Conv<3, 8>>::Storage storage;

// SPDX-License-Identifier: MIT
// Predicts with DeepLabv3+ at 720 x 960.
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/strata.hpp>

using namespace strata;
using Net = DeepLabv3Plus<Image<720, 960, 3>, 11>;

void run(Model<Net>& model, const Images& images, std::span<float> result) { model.predict(images, result); }

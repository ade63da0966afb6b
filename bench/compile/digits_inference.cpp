// SPDX-License-Identifier: MIT
// Predicts with the digits network.
#include <strata/strata.hpp>

using namespace strata;

void run(Model<Digits<>>& model, const Images& images, std::span<float> result) { model.predict(images, result); }

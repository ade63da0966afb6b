// SPDX-License-Identifier: MIT
// Declares DeepLabv3+ at 720 x 960, trains it and predicts: everything the library instantiates for it.
#include <strata/data/dataset.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/strata.hpp>

using namespace strata;
using namespace strata::data;
using namespace strata::training;
using Net = DeepLabv3Plus<Image<720, 960, 3>, 11>;

double run(const Dataset& images, const Dataset& test) {
  Model<Net> model{{.seed = 1}};
  train(model, images, {.epochs = 30, .batch = 8, .optimizer = Sgd{.rate = piecewise(0.003, 0.3, 10)}});
  return evaluate(model, test).accuracy;
}

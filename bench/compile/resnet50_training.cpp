// SPDX-License-Identifier: MIT
// Declares ResNet-50 at 224 x 224 and trains it: everything the library instantiates for it.
#include <strata/data/dataset.hpp>
#include <strata/strata.hpp>

#include "../networks/resnet50.hpp"

using namespace strata;
using namespace strata::data;

double run(const Dataset& images, const Dataset& test) {
  Model<networks::ResNet50> model{{.seed = 1}};
  train(model, images, {.epochs = 90, .batch = 8, .optimizer = Sgd{.rate = training::piecewise(0.1, 0.1, 30)}});
  return evaluate(model, test).accuracy;
}

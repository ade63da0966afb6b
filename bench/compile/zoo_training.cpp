// SPDX-License-Identifier: MIT
// Trains and evaluates the network NETWORK of models/, whose header is HEADER, at the size of its paper.
#include <strata/data/dataset.hpp>
#include <strata/strata.hpp>

#include HEADER

using namespace strata;
using namespace strata::data;

double run(const Dataset& images, const Dataset& test) {
  Model<NETWORK> model{{.seed = 1}};
  train(model, images, {.epochs = 90, .batch = 8, .optimizer = Sgd{.rate = training::piecewise(0.1, 0.1, 30)}});
  return evaluate(model, test).accuracy;
}

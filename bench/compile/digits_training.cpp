// SPDX-License-Identifier: MIT
// Declares the digits network, trains it and predicts: everything the library instantiates for it.
#include <strata/data/dataset.hpp>
#include <strata/strata.hpp>

using namespace strata;
using namespace strata::data;
using namespace strata::training;

using Net = Network<Image<28, 28, 1>, Conv<3, 8>, BatchNorm, ReLU, MaxPool<2>, Conv<3, 16>, BatchNorm, ReLU, MaxPool<2>,
                    Conv<3, 32>, BatchNorm, ReLU, Dense<10>, Softmax>;

double run(const Dataset& images, const Dataset& test) {
  Model<Net> model{{.seed = 1}};
  train(model, images, {.epochs = 50, .batch = 1024, .optimizer = Adam{.rate = piecewise(0.01, 0.8, 10)}});
  return evaluate(model, test).accuracy;
}

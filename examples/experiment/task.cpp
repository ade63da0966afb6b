// SPDX-License-Identifier: MIT
// The data and the options of the training, compiled once for all candidates.
#include <strata/data/mnist_download.hpp>

#include "digits_sweep.hpp"

namespace digits_sweep {

Splits Task::data() { return mnist::load(mnist::obtain().folder, {.seed = 1, .validation = 10'000}); }

TrainOptions Task::options() {
  return {.batch = 128, .optimizer = AdamW{.rate = training::cosine(0.005), .decay = 0.01}};
}

}  // namespace digits_sweep

// SPDX-License-Identifier: MIT
// A user's network as a benchmark.
#include <strata/benchmark.hpp>

using namespace strata;

using Halves = Network<Image<4, 4, 1>, Conv<3, 4>, BatchNorm, ReLU, Dense<2>, Softmax>;

STRATA_BENCHMARK(Halves);

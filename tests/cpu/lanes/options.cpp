// SPDX-License-Identifier: MIT
// The interface of a back end: bytes, indices, accumulation, forward only, ignored labels; and many batch sizes.
#include <strata/cpu/lanes/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_lanes.hpp"

using namespace strata;
using namespace strata::testing;

using Vectors =
    Classifier<Image<10, 9, 3>, Conv<3, 5>, BatchNorm, ReLU, MaxPool<2>, Conv<3, 4>, Dropout<0.3>, BatchNorm, Tanh>;
using Maps =
    Network<Image<4, 6, 2>, Conv<3, 4>, Residual<Sequential<BatchNorm, ReLU, Conv<3, 4>>>, Conv<1, 3>, PixelSoftmax>;

TEST_CASE("options of a step, labels of images") { check_options<Lanes, Vectors>(11); }
TEST_CASE("options of a step, labels of pixels") { check_options<Lanes, Maps>(5); }
TEST_CASE("batches") { check_backend<Lanes, Vectors>({2, 8, 15, 16, 31, 67}, {1, 2, 4}); }

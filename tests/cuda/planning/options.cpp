// SPDX-License-Identifier: MIT
// The interface of the back end on the device that stands in for a GPU: bytes, indices, accumulation, forward only,
// ignored labels.
#include "../../support/check_backend.hpp"
#include "../../support/cuda_backend.hpp"

using namespace strata;
using namespace strata::testing;

using Vectors = Classifier<Image<6, 5, 3>, Conv<3, 5>, BatchNorm, ReLU, MaxPool<2>, Conv<3, 4, Same>, Dropout<0.3>,
                           BatchNorm, Tanh>;
using Enlarged = Network<Image<6, 8, 2>, Conv<3, 5, Stride<2>>, Upsample<4, ZeroExtended>, CropToInput, PixelSoftmax>;
using Maps =
    Network<Image<4, 6, 2>, Conv<3, 4>, Residual<Sequential<BatchNorm, ReLU, Conv<3, 4>>>, Conv<1, 3>, PixelSoftmax>;

TEST_CASE("options of a step, labels of images") { check_options<Gpu, Vectors>(11); }
TEST_CASE("options of a step, labels of pixels") { check_options<Gpu, Maps>(5); }
TEST_CASE("options of a step, scores that the loss enlarges") { check_options<Gpu, Enlarged>(3); }
TEST_CASE("batches") {
  check_backend<Gpu, Vectors>({2, 8, 15, 31}, {1});
  check_no_violation();
}

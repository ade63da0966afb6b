// SPDX-License-Identifier: MIT
// The interface of a back end: bytes, indices, accumulation, forward only, ignored labels; and many batch sizes.
#include <strata/cpu/nhwc/training.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata;
using namespace strata::testing;

using Vectors = Classifier<Image<6, 5, 3>, Conv<3, 5>, BatchNorm, ReLU, MaxPool<2>, Conv<3, 4, Same>, Dropout<0.3>,
                           BatchNorm, Tanh>;
using Enlarged = Network<Image<6, 8, 2>, Conv<3, 5, Stride<2>>, Upsample<4, ZeroExtended>, CropToInput, PixelSoftmax>;
// More rows than the loss takes at once, more columns than a tile of the convolution, and taps with gaps between them.
using Banded = Network<Image<19, 21, 2>, Conv<3, 3, Dilation<2>>, Upsample<2>, PixelSoftmax>;
using Maps =
    Network<Image<4, 6, 2>, Conv<3, 4>, Residual<Sequential<BatchNorm, ReLU, Conv<3, 4>>>, Conv<1, 3>, PixelSoftmax>;

TEST_CASE("options of a step, labels of images") { check_options<Nhwc, Vectors>(11); }
TEST_CASE("options of a step, labels of pixels") { check_options<Nhwc, Maps>(5); }
TEST_CASE("options of a step, scores that the loss enlarges") { check_options<Nhwc, Enlarged>(3); }
TEST_CASE("options of a step, a loss in bands of rows") { check_options<Nhwc, Banded>(2); }
TEST_CASE("batches") { check_backend<Nhwc, Vectors>({2, 8, 15, 16, 31, 67}, {1, 2, 4}); }

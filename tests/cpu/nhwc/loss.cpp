// SPDX-License-Identifier: MIT
// Every loss, on scores that are stored, in several bands of rows, and on scores that the loss enlarges and crops.
#include "../../support/check_losses.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("losses after a softmax") {
  check_losses<Nhwc, Network<Image<3, 2, 2>, Dense<5>, Softmax>>();
  check_losses<Nhwc, Network<Image<19, 5, 2>, Conv<3, 17>, PixelSoftmax>>({1, 5});
}
TEST_CASE("losses after a softmax, on scores that are enlarged and cropped") {
  check_losses<Nhwc, Network<Image<11, 7, 2>, Conv<3, 3, Stride<2>>, Upsample<2>, CropToInput, PixelSoftmax>>({1, 5});
  check_losses<Nhwc, Network<Image<9, 6, 2>, Conv<3, 4>, Upsample<2, ZeroExtended>, PixelSoftmax>>({3});
}
TEST_CASE("losses of the output") {
  check_losses<Nhwc, Network<Image<3, 2, 2>, Dense<7>, Tanh, Dense<5>>>();
  check_losses<Nhwc, Network<Image<19, 5, 2>, Conv<3, 3>, BatchNorm, ReLU, Conv<1, 2>>>({1, 5});
  check_losses<Nhwc, Network<Image<4, 5, 2>, Conv<3, 3>, Upsample<2>>>({3});
}

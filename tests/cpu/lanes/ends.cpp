// SPDX-License-Identifier: MIT
// Every loss, with groups of lanes that are not full, and maps of several blocks of pixels.
#include "../../support/check_losses.hpp"
#include "../../support/cpu_lanes.hpp"

using namespace strata;
using namespace strata::testing;

TEST_CASE("losses after a softmax") {
  check_losses<Lanes, Network<Image<3, 2, 2>, Dense<5>, Softmax>>();
  check_losses<Lanes, Network<Image<19, 14, 2>, Conv<3, 4>, PixelSoftmax>>({1, 18}, {1, 2});
}
TEST_CASE("losses of the output") {
  check_losses<Lanes, Network<Image<3, 2, 2>, Dense<7>, Tanh, Dense<5>>>();
  check_losses<Lanes, Network<Image<19, 14, 2>, Conv<3, 3>, BatchNorm, ReLU, Conv<1, 4>>>({1, 18}, {1, 2});
}

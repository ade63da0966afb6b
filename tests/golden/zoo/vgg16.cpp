// SPDX-License-Identifier: MIT
#include "vgg16.hpp"

#include <strata/models/vgg16.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("VGG16") {
  testing::check_zoo<models::VGG16<Image<33, 33, 3>, 10, Real{0}, 48>>(golden::vgg16, 2, 1);
}

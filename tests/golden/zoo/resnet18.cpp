// SPDX-License-Identifier: MIT
#include "resnet18.hpp"

#include <strata/models/resnet18.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("ResNet18") {
  testing::check_zoo<ResNet18<Image<33, 33, 3>, 10>>(golden::resnet18, 3, 1);
}

// SPDX-License-Identifier: MIT
#include "resnet34.hpp"

#include <strata/models/resnet18.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("ResNet34") {
  testing::check_zoo<models::ResNet34<Image<33, 33, 3>, 10>>(golden::resnet34, 3, 5);
}

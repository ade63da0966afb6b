// SPDX-License-Identifier: MIT
#include "resnet50.hpp"

#include <strata/models/resnet50.hpp>

#include "../check_zoo.hpp"

using namespace strata;

// No seed was found for which float and double take the same branch at every ReLU.
TEST_CASE("ResNet50") {
  testing::check_zoo<models::ResNet50<Image<33, 33, 3>, 10>>(golden::resnet50, 3, 6, 0.1);
}

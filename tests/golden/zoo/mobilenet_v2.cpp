// SPDX-License-Identifier: MIT
#include "mobilenet_v2.hpp"

#include <strata/models/mobilenet_v2.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("MobileNetV2") {
  testing::check_zoo<models::MobileNetV2<Image<33, 33, 3>, 10, Real{0}>>(golden::mobilenet_v2, 3, 3);
}

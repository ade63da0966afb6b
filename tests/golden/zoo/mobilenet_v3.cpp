// SPDX-License-Identifier: MIT
#include "mobilenet_v3.hpp"

#include <strata/models/mobilenet_v3.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("MobileNetV3Small") {
  testing::check_zoo<models::MobileNetV3Small<Image<33, 33, 3>, 10, Real{0}>>(golden::mobilenet_v3, 3, 1);
}

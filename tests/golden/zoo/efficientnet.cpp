// SPDX-License-Identifier: MIT
#include "efficientnet.hpp"

#include <strata/models/efficientnet.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("EfficientNetB0") {
  testing::check_zoo<models::EfficientNetB0<Image<33, 33, 3>, 10, Real{0}>>(golden::efficientnet, 3, 1);
}

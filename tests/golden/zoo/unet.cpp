// SPDX-License-Identifier: MIT
#include "unet.hpp"

#include <strata/models/unet.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("UNet") {
  testing::check_zoo<models::UNet<Image<32, 32, 3>, 10, 8>>(golden::unet, 2, 5);
}

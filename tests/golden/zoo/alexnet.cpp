// SPDX-License-Identifier: MIT
#include "alexnet.hpp"

#include <strata/models/alexnet.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("AlexNet") {
  testing::check_zoo<models::AlexNet<Image<95, 95, 3>, 10, Real{0}, 48>>(golden::alexnet, 2, 1);
}

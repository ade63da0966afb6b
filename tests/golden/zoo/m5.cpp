// SPDX-License-Identifier: MIT
#include "m5.hpp"

#include <strata/models/m5.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("M5") {
  testing::check_zoo<models::M5<Signal<2000, 1>, 10, 32>>(golden::m5, 3, 1);
}

// SPDX-License-Identifier: MIT
#include "fcn8s.hpp"

#include <strata/models/fcn8s.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("FCN8s") {
  testing::check_zoo<models::FCN8s<Image<32, 32, 3>, 10, Real{0}, 48>>(golden::fcn8s, 2, 1);
}

// SPDX-License-Identifier: MIT
#include "squeezenet.hpp"

#include <strata/models/squeezenet.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("SqueezeNet") {
  testing::check_zoo<models::SqueezeNet<Image<33, 33, 3>, 10, Real{0}>>(golden::squeezenet, 2, 1);
}

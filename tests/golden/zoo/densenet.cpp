// SPDX-License-Identifier: MIT
#include "densenet.hpp"

#include <strata/models/densenet.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("DenseNet121") {
  testing::check_zoo<models::DenseNet121<Image<33, 33, 3>, 10>>(golden::densenet, 3, 1);
}

// SPDX-License-Identifier: MIT
#include "lenet5.hpp"

#include <strata/models/lenet5.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("LeNet5") {
  testing::check_zoo<models::LeNet5<Image<32, 32, 1>, 10>>(golden::lenet5, 4, 1);
}

// SPDX-License-Identifier: MIT
#include "densenet.hpp"

#include <strata/models/densenet.hpp>

#include "../check_zoo.hpp"

using namespace strata;

// No seed was found for which float and double take the same branch at every ReLU.
TEST_CASE("DenseNet121") { testing::check_zoo<models::DenseNet121<Image<64, 64, 3>, 10>>(golden::densenet, 2, 5, 0.1); }

// SPDX-License-Identifier: MIT
#include "shufflenet_v2.hpp"

#include <strata/models/shufflenet_v2.hpp>

#include "../check_zoo.hpp"

using namespace strata;

TEST_CASE("ShuffleNetV2") {
  testing::check_zoo<models::ShuffleNetV2<Image<33, 33, 3>, 10>>(golden::shufflenet_v2, 3, 1);
}

// SPDX-License-Identifier: MIT
#include <strata/core/divide.hpp>

#include <doctest/doctest.h>

#include <type_traits>

using namespace strata;
using namespace strata::core;

static_assert(std::is_same_v<decltype(ceil_divide(1, 2)), int> && std::is_same_v<decltype(round_up(1L, 2)), long>);
static_assert(ceil_divide(0, 3) == 0 && round_up(0, 3) == 0);
static_assert(floor_divide(-1, 2'000'000'000) == -1 && floor_divide(-2'000'000'000, 1) == -2'000'000'000);

TEST_CASE("quotients rounded up and down, and multiples") {
  for (int b = 1; b < 6; b++)
    for (int a = -20; a <= 20; a++) {
      CAPTURE(a);
      CAPTURE(b);
      const int below = floor_divide(a, b);
      CHECK((below * b <= a && a < (below + 1) * b));
      if (a < 0) continue;
      CHECK(ceil_divide(a, b) == -floor_divide(-a, b));
      CHECK(round_up(a, b) == ceil_divide(a, b) * b);
      CHECK((round_up(a, b) >= a && round_up(a, b) < a + b));
    }
}

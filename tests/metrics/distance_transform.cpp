// SPDX-License-Identifier: MIT
#include <strata/metrics/distance_transform.hpp>

#include <doctest/doctest.h>

#include <strata/core/random.hpp>

using namespace strata;
using namespace strata::core;
using namespace strata::metrics;

namespace {

/// Every pixel against every marked one.
std::vector<std::int32_t> by_definition(const std::vector<std::uint8_t>& marked, int height, int width, long reach) {
  std::vector<std::int32_t> out(marked.size(), far_away);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int v = 0; v < height; v++)
        for (int u = 0; u < width; u++) {
          const long d = long(x - u) * (x - u) + long(y - v) * (y - v);
          if (marked[v * width + u] && d <= reach * reach && d < out[y * width + x])
            out[y * width + x] = std::int32_t(d);
        }
  return out;
}

std::vector<std::int32_t> transform(const std::vector<std::uint8_t>& marked, int height, int width) {
  std::vector<std::int32_t> out(marked.size(), -1);
  distance_transform(marked.data(), height, width, out.data());
  return out;
}

}  // namespace

TEST_CASE("known distances") {
  CHECK(transform({1}, 1, 1) == std::vector<std::int32_t>{0});
  CHECK(transform({0}, 1, 1) == std::vector<std::int32_t>{far_away});
  CHECK(transform({0, 0, 1, 0, 0, 0, 1}, 1, 7) == std::vector<std::int32_t>{4, 1, 0, 1, 4, 1, 0});
  CHECK(transform({0, 1, 0, 0, 0}, 5, 1) == std::vector<std::int32_t>{1, 0, 1, 4, 9});
  CHECK(transform({0, 0, 0, 0, 0, 0, 0, 0, 1, 0, 0, 0}, 3, 4) ==
        std::vector<std::int32_t>{4, 5, 8, 13, 1, 2, 5, 10, 0, 1, 4, 9});
  CHECK(transform({}, 0, 0).empty());
}

TEST_CASE("any set of marked pixels, any reach, as by definition") {
  Random random{42};
  for (int round = 0; round < 300; round++) {
    const int height = 1 + int(random.below(24)), width = 1 + int(random.below(24));
    const std::uint64_t one_in = 1 + random.below(60);
    std::vector<std::uint8_t> marked(std::size_t(height * width));
    for (auto& m : marked) m = random.below(one_in) == 0;
    CAPTURE(round);
    CHECK(transform(marked, height, width) == by_definition(marked, height, width, 2 * longest_side));
    const int reach = int(random.below(10));
    std::vector<std::int32_t> near(marked.size(), -1);
    distance_transform(marked.data(), height, width, near.data(), reach);
    CHECK(near == by_definition(marked, height, width, reach));
  }
}

TEST_CASE("the longest row and column") {
  std::vector<std::uint8_t> marked(longest_side);
  marked[0] = 1;
  CHECK(transform(marked, 1, longest_side).back() == (longest_side - 1) * (longest_side - 1));
  CHECK(transform(marked, longest_side, 1).back() == (longest_side - 1) * (longest_side - 1));
}

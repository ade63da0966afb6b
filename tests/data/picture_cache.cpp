// SPDX-License-Identifier: MIT
#include <strata/data/picture_cache.hpp>

#include <doctest/doctest.h>

#include <thread>

using namespace strata;
using namespace strata::data;

namespace {

LabeledPicture picture(int i) {
  LabeledPicture out;
  out.image.assign(30, std::uint8_t(i)), out.labels.assign(10, std::uint8_t(i));
  return out;
}

}  // namespace

TEST_CASE("what fits is decoded once, what does not is decoded again") {
  int decoded = 0;
  const auto get = [&](PictureCache& cache, int i) {
    return cache.get(i, [&] { return decoded++, picture(i); })->labels[0];
  };
  for (const auto& [limit, expected] : {std::pair(0L, 12), std::pair(80L, 8), std::pair(1000L, 4)}) {
    PictureCache cache(4, limit);
    decoded = 0;
    for (int round = 0; round < 3; round++)
      for (int i = 0; i < 4; i++) CHECK(get(cache, i) == i);
    CHECK(decoded == expected);
    CHECK(cache.bytes() == (limit < 160 ? limit / 40 * 40 : 160));
  }
}

TEST_CASE("asked for by several threads") {
  PictureCache cache(50, 50 * 40);
  std::atomic<int> wrong{0};
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; t++)
      threads.emplace_back([&] {
        for (int i = 0; i < 50; i++) wrong += cache.get(i, [&] { return picture(i); })->image[7] != i;
      });
  }
  CHECK(wrong == 0);
  CHECK(cache.bytes() == 50 * 40);
}

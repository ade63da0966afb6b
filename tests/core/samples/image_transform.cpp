// SPDX-License-Identifier: MIT
#include <strata/core/samples/image_transform.hpp>

#include <doctest/doctest.h>

#include <vector>

using namespace strata;
using namespace strata::core;

namespace {

struct Sources {
  std::vector<std::int32_t> rows, columns;
  Sources(const ImageTransform& change, int height, int width)
      : rows(std::size_t(height)), columns(std::size_t(width)) {
    fill_sources(change, height, width, rows.data(), columns.data());
  }
};
using Numbers = std::vector<std::int32_t>;

}  // namespace

TEST_CASE("where rows and columns look") {
  CHECK(Sources({}, 3, 4).rows == Numbers{0, 256, 512});
  const Sources moved({.reflected = true, .down = 1, .right = -1}, 3, 4);
  CHECK(moved.rows == Numbers{-1, 0, 256});
  CHECK(moved.columns == Numbers{-1, 768, 512, 256});
  const Sources enlarged({.scale = 2, .top = 1, .left = 4}, 3, 4);
  CHECK(enlarged.rows == Numbers{64, 192, 320});           // (y + 3/2) / 2 - 1/2 = 1/4, 3/4, 5/4
  CHECK(enlarged.columns == Numbers{448, 576, 704, 768});  // 7/4, 9/4, 11/4, and 13/4, in the outer half of the last
  CHECK(Sources({.scale = 0.5, .top = -1}, 4, 1).rows == Numbers{-1, 128, 640, -1});
}

TEST_CASE("every source in view names pixels that are there") {
  for (const int size : {1, 2, 7, 100})
    for (const double scale : {0.02, 0.4, 1.0, 1.7, 99.0})
      for (const double begin : {-3.0, 0.0, 0.3, 50.0})
        for (int i = 0; i < size; i++) {
          const std::int32_t s = source(i, size, scale, begin);
          if (s < 0) continue;
          const Between b = between(s);
          CHECK(b.first >= 0);
          CHECK(b.next < size);
          CHECK((b.next == b.first + (b.share > 0) && b.share < 256));
          CHECK((nearest(s) == b.first || nearest(s) == b.next));
        }
}

TEST_CASE("between four numbers") {
  CHECK(bilinear(9, 200, 100, 7, 0, 0) == 9);
  CHECK(bilinear(0, 100, 0, 100, 64, 200) == 25);
  CHECK(bilinear(0, 0, 255, 255, 17, 128) == 128);  // 127.5 is rounded up
  CHECK(bilinear(255, 255, 255, 255, 255, 255) == 255);
  CHECK(nearest(128) == 1);
  CHECK(nearest(127) == 0);
}

TEST_CASE("tones") {
  std::uint8_t tones[256];
  bool same = true;
  fill_tones({}, tones);
  for (int v = 0; v < 256; v++) same = same && tones[v] == v;
  CHECK(same);
  CHECK(!ImageTransform{}.tones());
  CHECK(ImageTransform{.offset = 1}.tones());
  fill_tones({.gain = 0.5, .offset = 10}, tones);
  CHECK(tones[0] == 74);
  CHECK(tones[128] == 138);
  fill_tones({.gain = 2}, tones);
  CHECK(tones[10] == 0);
  CHECK(tones[255] == 255);
}

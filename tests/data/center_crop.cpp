// SPDX-License-Identifier: MIT
// The middle of an image: its size, what is averaged and what interpolated, gray images, refusals.
#include <strata/data/center_crop.hpp>

#include <doctest/doctest.h>

#include "../support/refusal.hpp"

namespace {

using strata::data::center_crop;
using strata::data::Picture;
using strata::testing::refuses;
using Numbers = std::vector<std::uint8_t>;

/// An image whose red, green and blue at (y, x) are f(y, x) and 10 and 20 more.
template <class F>
Picture image(int height, int width, const F& f) {
  Picture out{{height, width, 3}, {}};
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++)
      for (int c = 0; c < 3; c++) out.bytes.push_back(std::uint8_t(f(y, x) + 10 * c));
  return out;
}

Numbers reds(const Picture& picture) {
  Numbers out;
  for (std::size_t i = 0; i < picture.bytes.size(); i += std::size_t(picture.shape.channels))
    out.push_back(picture.bytes[i]);
  return out;
}

}  // namespace

TEST_CASE("an image of the size stays as it is, and a wider or higher one loses its margins") {
  const auto f = [](int y, int x) { return 10 * y + x; };
  CHECK(center_crop(image(3, 4, f), {3, 4, 3}, 0, "a").bytes == image(3, 4, f).bytes);
  CHECK(reds(center_crop(image(2, 6, f), {2, 2, 3}, 0, "a")) == Numbers{2, 3, 12, 13});
  CHECK(reds(center_crop(image(6, 2, f), {2, 2, 3}, 0, "a")) == Numbers{20, 21, 30, 31});
  CHECK(reds(center_crop(image(4, 4, f), {2, 2, 3}, 4, "a")) == Numbers{11, 12, 21, 22});
}

TEST_CASE("a larger image is averaged, a smaller one interpolated") {
  // Half the size: weights 1/8, 3/8, 3/8, 1/8; at the border, which lacks one of them, 3/7, 3/7, 1/7.
  const auto step = [](int, int x) { return x < 4 ? 0 : 112; };
  CHECK(reds(center_crop(image(8, 8, step), {4, 4, 3}, 0, "a")) ==
        Numbers{0, 14, 98, 112, 0, 14, 98, 112, 0, 14, 98, 112, 0, 14, 98, 112});
  // Twice the size: weights 3/4 and 1/4.
  const auto columns = [](int, int x) { return 100 * x; };
  CHECK(reds(center_crop(image(2, 2, columns), {4, 4, 3}, 0, "a")) ==
        Numbers{0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100});
  const auto rows = [](int y, int) { return 100 * y; };
  CHECK(reds(center_crop(image(2, 2, rows), {4, 4, 3}, 0, "a")) ==
        Numbers{0, 0, 0, 0, 25, 25, 25, 25, 75, 75, 75, 75, 100, 100, 100, 100});
  // A checkerboard of single pixels is gray from afar, wherever the pixels lie.
  for (const std::uint8_t value :
       reds(center_crop(image(64, 96, [](int y, int x) { return (x + y) % 2 ? 200 : 0; }), {4, 4, 3}, 6, "a")))
    CHECK(std::abs(value - 100) <= 2);
}

TEST_CASE("one channel is the luma, and one pixel fills any size") {
  const Picture red{{1, 1, 3}, {255, 0, 0}}, white{{1, 1, 3}, {255, 255, 255}};
  CHECK(center_crop(red, {2, 3, 1}, 0, "a").bytes == Numbers(6, 77));
  CHECK(center_crop(white, {2, 3, 1}, 5, "a").bytes == Numbers(6, 255));
  CHECK(center_crop(image(1, 3000, [](int, int) { return 7; }), {2, 2, 3}, 0, "a").bytes ==
        Numbers{7, 17, 27, 7, 17, 27, 7, 17, 27, 7, 17, 27});
}

TEST_CASE("sizes and channels that do not fit are refused") {
  const Picture one{{1, 1, 3}, {1, 2, 3}};
  CHECK(refuses(
      [&] {
        center_crop(one, {4, 4, 3}, 3, "x.png");
      },
      "x.png: is resized to 3 x 3 pixels, which do not cover the network's 4 x 4"));
  CHECK(refuses([&] { center_crop(one, {4, 4, 2}, 0, "x.png"); }, "x.png: is a picture, but the network takes 2"));
  CHECK(refuses([&] { center_crop({{0, 0, 3}, {}}, {4, 4, 3}, 0, "x.png"); }, "x.png: is not an image"));
}

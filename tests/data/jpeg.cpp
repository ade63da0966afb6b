// SPDX-License-Identifier: MIT
#include <strata/data/jpeg.hpp>

#include <doctest/doctest.h>

#include "../support/jpeg.hpp"
#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::testing;

namespace {

/// A smooth picture, which JPEG keeps nearly as it is.
std::vector<std::uint8_t> slope(Shape shape) {
  std::vector<std::uint8_t> out;
  for (int y = 0; y < shape.height; y++)
    for (int x = 0; x < shape.width; x++)
      for (int c = 0; c < shape.channels; c++) out.push_back(std::uint8_t(40 + 2 * y + x + 20 * c));
  return out;
}

int furthest(const Picture& read, const std::vector<std::uint8_t>& pixels, int channels) {
  int out = 0;
  for (std::size_t p = 0; p < read.bytes.size() / 3; p++)
    for (std::size_t c = 0; c < 3; c++)
      out = std::max(out, std::abs(read.bytes[3 * p + c] - pixels[channels == 1 ? p : 3 * p + c]));
  return out;
}

}  // namespace

TEST_CASE("colours and grey, baseline and progressive") {
  for (const bool progressive : {false, true})
    for (const Shape shape : {Shape{1, 1, 3}, Shape{40, 56, 3}, Shape{33, 17, 1}}) {
      const auto pixels = slope(shape);
      const Picture read = parse_jpeg(encode_jpeg(pixels, shape, progressive), "p");
      CHECK(read.shape == Shape{shape.height, shape.width, 3});
      CHECK(furthest(read, pixels, shape.channels) <= 4);
    }
}

TEST_CASE("inks are refused") {
  CHECK(refuses([] { parse_jpeg(encode_jpeg(slope({8, 8, 4}), {8, 8, 4}), "p"); }, "p: is a JPEG of 4 inks", "RGB"));
}

TEST_CASE("no picture, every truncation, a damaged one, one that is too large") {
  CHECK(refuses([] { parse_jpeg({}, "p"); }, "p: is no JPEG"));
  CHECK(refuses([] { parse_jpeg({0xFF, 0xD8, 0xFF, 0xE0}, "p"); }, "p: is no JPEG"));
  CHECK(refuses([] { parse_jpeg({'P', 'K', 3, 4}, "p"); }, "p: is no JPEG"));
  for (const bool progressive : {false, true}) {
    const Bytes whole = encode_jpeg(slope({40, 40, 3}), {40, 40, 3}, progressive);
    int accepted = 0;
    for (std::size_t size = 0; size < whole.size(); size++)
      accepted += refusal([&] { parse_jpeg(Bytes(whole.begin(), whole.begin() + long(size)), "p"); }).empty();
    CHECK(accepted == 0);
  }
  Bytes whole = encode_jpeg(slope({64, 64, 3}), {64, 64, 3});
  std::size_t frame = 0;  // of the sizes: marker, length, depth, then height and width of 16 bits
  while (!(whole[frame] == 0xFF && whole[frame + 1] == 0xC0)) frame++;
  Bytes large = whole;
  large[frame + 5] = large[frame + 7] = 0xFF;
  CHECK(refuses([&] { parse_jpeg(large, "p"); }, "p: is 65344 x 65344 pixels"));
  large[frame + 5] = large[frame + 7] = 0x7F;
  CHECK(refuses([&] { parse_jpeg(large, "p"); }, "p: is 32576 x 32576 pixels"));
  Bytes higher = whole;
  higher[frame + 6] = 128;
  CHECK(refuses([&] { parse_jpeg(higher, "p"); }, "p: is a damaged JPEG"));
}

TEST_CASE("stray bytes between segments cost nothing") {
  Bytes file = encode_jpeg(slope({8, 8, 3}), {8, 8, 3});
  const Picture plain = parse_jpeg(file, "p");
  const std::size_t behind_first = 4 + std::size_t(file[4]) * 256 + file[5];
  file.insert(file.begin() + long(behind_first), {1, 2, 3});
  CHECK(parse_jpeg(file, "p").bytes == plain.bytes);
}

TEST_CASE("more scans than a picture has") {
  Bytes file = encode_jpeg(slope({8, 8, 1}), {8, 8, 1}, true);
  std::size_t scan = 0;
  while (!(file[scan] == 0xFF && file[scan + 1] == 0xDA)) scan++;
  std::size_t next = scan + 2;
  while (!(file[next] == 0xFF && file[next + 1] != 0)) next++;
  const Bytes one(file.begin() + long(scan), file.begin() + long(next));
  for (int i = 0; i < 300; i++) file.insert(file.begin() + long(next), one.begin(), one.end());
  CHECK(refuses([&] { parse_jpeg(file, "p"); }, "p: is a damaged JPEG"));
}

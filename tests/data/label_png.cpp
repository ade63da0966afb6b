// SPDX-License-Identifier: MIT
#include <strata/data/label_png.hpp>

#include <doctest/doctest.h>

#include "../support/exif.hpp"
#include "../support/png_kinds.hpp"
#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

Picture stored(const Bytes& file, StoredAs as = StoredAs::index) { return parse_label_png(file, as, "p"); }
using Numbers = std::vector<std::uint8_t>;

}  // namespace

TEST_CASE("gray values and palette indices are read as they are stored") {
  const std::vector<png_color> palette{{9, 8, 7}, {200, 100, 50}, {1, 2, 3}, {128, 0, 128}};
  for (const bool interlaced : {false, true}) {
    CHECK(stored(encode_png_kind({.interlaced = interlaced}, 3, {{0, 11, 255}, {7, 8, 9}})).bytes ==
          Numbers{0, 11, 255, 7, 8, 9});
    CHECK(stored(encode_png_kind({.depth = 4, .interlaced = interlaced}, 3, {{0x1F, 0x20}})).bytes ==
          Numbers{1, 15, 2});
    CHECK(stored(encode_png_kind({.depth = 1, .interlaced = interlaced}, 3, {{0xA0}})).bytes == Numbers{1, 0, 1});
    for (const int depth : {2, 8}) {
      const PngKind kind{.type = PNG_COLOR_TYPE_PALETTE, .depth = depth, .interlaced = interlaced, .palette = palette};
      const Bytes file = encode_png_kind(kind, 4, {depth == 2 ? Bytes{0x1B} : Bytes{0, 1, 2, 3}});
      CHECK(stored(file).shape == Shape{1, 4, 1});
      CHECK(stored(file).bytes == Numbers{0, 1, 2, 3});
      CHECK(stored(file, StoredAs::color).bytes == Numbers{9, 8, 7, 200, 100, 50, 1, 2, 3, 128, 0, 128});
    }
  }
}

TEST_CASE("no gamma and no transparency changes a number") {
  CHECK(stored(encode_png_kind({.gamma = 1.0}, 2, {{5, 200}})).bytes == Numbers{5, 200});
  const PngKind rgba{.type = PNG_COLOR_TYPE_RGB_ALPHA, .gamma = 1.0};
  for (const StoredAs as : {StoredAs::index, StoredAs::color}) {
    const Picture read = stored(encode_png_kind(rgba, 2, {{1, 2, 3, 0, 128, 64, 192, 7}}), as);
    CHECK(read.shape == Shape{1, 2, 3});
    CHECK(read.bytes == Numbers{1, 2, 3, 128, 64, 192});
  }
  CHECK(stored(encode_png_kind({.type = PNG_COLOR_TYPE_GRAY_ALPHA}, 2, {{1, 0, 10, 255}})).bytes == Numbers{1, 10});
  const PngKind glass{.type = PNG_COLOR_TYPE_PALETTE, .palette = {{9, 8, 7}, {1, 2, 3}}, .opacity = {0, 128}};
  CHECK(stored(encode_png_kind(glass, 2, {{1, 0}})).bytes == Numbers{1, 0});
  CHECK(stored(encode_png_kind(glass, 2, {{1, 0}}), StoredAs::color).bytes == Numbers{1, 2, 3, 9, 8, 7});
  CHECK(stored(encode_png_kind({}, 2, {{3, 4}}), StoredAs::color).bytes == Numbers{3, 3, 3, 4, 4, 4});
}

TEST_CASE("16-bit numbers are read where they fit in a byte") {
  for (const bool interlaced : {false, true}) {
    const Bytes file =
        encode_png_kind({.depth = 16, .interlaced = interlaced}, 3, {{0, 0, 0, 11, 0, 255}, {0, 7, 0, 8, 0, 9}});
    CHECK(stored(file).shape == Shape{2, 3, 1});
    CHECK(stored(file).bytes == Numbers{0, 11, 255, 7, 8, 9});
    CHECK(stored(file).beyond.at.empty());
    CHECK(stored(file, StoredAs::color).bytes ==
          Numbers{0, 0, 0, 11, 11, 11, 255, 255, 255, 7, 7, 7, 8, 8, 8, 9, 9, 9});
    const PngKind with_opacity{.type = PNG_COLOR_TYPE_GRAY_ALPHA, .depth = 16, .interlaced = interlaced};
    CHECK(stored(encode_png_kind(with_opacity, 2, {{0, 3, 0, 0, 0, 4, 255, 255}})).bytes == Numbers{3, 4});
    for (const StoredAs as : {StoredAs::index, StoredAs::color}) {
      const PngKind colors{.type = PNG_COLOR_TYPE_RGB, .depth = 16, .interlaced = interlaced};
      const Picture read = stored(encode_png_kind(colors, 2, {{0, 1, 0, 2, 0, 3, 0, 128, 0, 64, 0, 192}}), as);
      CHECK(read.shape == Shape{1, 2, 3});
      CHECK(read.bytes == Numbers{1, 2, 3, 128, 64, 192});
      const PngKind opaque{.type = PNG_COLOR_TYPE_RGB_ALPHA, .depth = 16, .interlaced = interlaced};
      CHECK(stored(encode_png_kind(opaque, 1, {{0, 1, 0, 2, 0, 3, 9, 9}}), as).bytes == Numbers{1, 2, 3});
    }
  }
}

TEST_CASE("16-bit numbers that do not fit in a byte") {
  const Picture gray = stored(encode_png_kind({.depth = 16}, 4, {{0, 5, 2, 0, 1, 0, 255, 255}}));
  CHECK(gray.bytes == Numbers{5, 255, 255, 255});
  CHECK(gray.beyond.at == Numbers{0, 1, 1, 1});
  CHECK(gray.beyond.first == "index 256");
  CHECK(stored(encode_png_kind({.depth = 16}, 1, {{1, 1}})).beyond.first == "index 257");
  const PngKind colors{.type = PNG_COLOR_TYPE_RGB, .depth = 16};
  const Picture mixed =
      stored(encode_png_kind(colors, 3, {{0, 1, 1, 44, 0, 3, 0, 7, 0, 8, 0, 9, 0, 9, 9, 9, 0, 0}}), StoredAs::color);
  CHECK(mixed.bytes == Numbers{255, 255, 255, 7, 8, 9, 255, 255, 255});
  CHECK(mixed.beyond.at == Numbers{1, 0, 1});
  CHECK(mixed.beyond.first == "color 1 300 3");
  // An 8-bit color that a program has widened to 16 bits is still that color.
  const Picture widened =
      stored(encode_png_kind(colors, 2, {{128, 128, 64, 64, 0, 0, 255, 255, 0, 0, 1, 1}}), StoredAs::color);
  CHECK(widened.bytes == Numbers{128, 64, 0, 255, 0, 1});
  CHECK(widened.beyond.at.empty());
}

TEST_CASE("labels are turned as images are") {
  for (const bool behind : {false, true})
    for (int orientation = 1; orientation <= 8; orientation++) {
      const Bytes exif = exif_data(orientation, !behind);
      const auto turned = [&](const Bytes& file) { return stored(png_with_chunk(file, "eXIf", exif, behind)); };
      const Picture plain{{2, 3, 1}, {0, 11, 255, 7, 8, 9}};
      const Picture seen = turned(encode_png_kind({}, 3, {{0, 11, 255}, {7, 8, 9}}));
      CHECK(seen.shape == upright(plain, orientation).shape);
      CHECK(seen.bytes == upright(plain, orientation).bytes);
      const Picture wide = turned(encode_png_kind({.depth = 16}, 3, {{0, 0, 1, 0, 0, 2}}));
      CHECK(wide.beyond.at == upright({{1, 3, 1}, {0, 1, 0}}, orientation).bytes);
    }
}

TEST_CASE("files that are not pictures, truncated anywhere, damaged, too large") {
  CHECK(refuses([] { stored({}); }, "p: is not a readable PNG"));
  CHECK(refuses([] { stored({'P', 'K', 3, 4}); }, "p: is not a readable PNG"));
  const Bytes whole = encode_png_kind({}, 4, {{1, 2, 3, 4}, {5, 6, 7, 8}});
  int accepted = 0;
  for (std::size_t size = 0; size < whole.size(); size++)
    accepted += refusal([&] { stored(Bytes(whole.begin(), whole.begin() + long(size))); }).empty();
  CHECK(accepted == 0);
  Bytes damaged = whole;
  damaged[whole.size() - 20] ^= 0xFF;
  CHECK(refuses([&] { stored(damaged); }, "p: is not a readable PNG"));
  CHECK(refuses([&] { stored(png_of_size(whole, 8000, 8000)); }, "p: is 8000 x 8000 pixels, more than its "));
  for (const bool after_pixels : {false, true}) {
    Bytes long_chunk = png_with_chunk(whole, "tEXt", {'a', 0, 'b'}, after_pixels);
    long_chunk[after_pixels ? whole.size() - 12 : 8 + 25] = 0x30;
    CHECK(refuses([&] { stored(long_chunk); }, "p: is not a readable PNG ("));
  }
  std::vector<Bytes> one_row{Bytes(40'000, 1)};
  CHECK(refuses([&] { stored(encode_png_kind({}, 40'000, one_row)); }, "p: is not a readable PNG"));
}

// SPDX-License-Identifier: MIT
#include <strata/data/png.hpp>

#include <doctest/doctest.h>

#include "../support/exif.hpp"
#include "../support/png_kinds.hpp"
#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

std::vector<std::uint8_t> ramp(Shape shape) {
  std::vector<std::uint8_t> out(std::size_t(shape.size()));
  for (std::size_t i = 0; i < out.size(); i++) out[i] = std::uint8_t(i * 37);
  return out;
}

}  // namespace

TEST_CASE("what is encoded is read") {
  for (const Shape shape : {Shape{1, 1, 1}, Shape{5, 7, 1}, Shape{28, 28, 3}}) {
    const auto pixels = ramp(shape);
    const Picture read = parse_png(encode_png(pixels.data(), shape), shape.channels, "p");
    CHECK(read.shape == shape);
    CHECK(read.bytes == pixels);
  }
}

TEST_CASE("colors become gray") {
  const std::uint8_t white[3] = {255, 255, 255}, black[3] = {0, 0, 0};
  CHECK(parse_png(encode_png(white, {1, 1, 3}), 1, "p").bytes[0] == 255);
  CHECK(parse_png(encode_png(black, {1, 1, 3}), 1, "p").bytes[0] == 0);
}

TEST_CASE("whatever is stored becomes colors of 8 bits") {
  const auto colors = [](const PngKind& kind, int width, const Bytes& row) {
    return parse_png(encode_png_kind(kind, width, {row}), 3, "p").bytes;
  };
  using Numbers = std::vector<std::uint8_t>;
  CHECK(colors({}, 2, {7, 200}) == Numbers{7, 7, 7, 200, 200, 200});
  CHECK(colors({.depth = 1}, 2, {0x40}) == Numbers{0, 0, 0, 255, 255, 255});
  CHECK(colors({.depth = 16}, 2, {7, 7, 200, 200}) == Numbers{7, 7, 7, 200, 200, 200});
  CHECK(colors({.type = PNG_COLOR_TYPE_RGB, .depth = 16}, 1, {1, 1, 90, 90, 255, 255}) == Numbers{1, 90, 255});
  CHECK(colors({.type = PNG_COLOR_TYPE_PALETTE, .palette = {{9, 8, 7}, {200, 100, 50}}}, 2, {1, 0}) ==
        Numbers{200, 100, 50, 9, 8, 7});
  CHECK(colors({.type = PNG_COLOR_TYPE_RGB_ALPHA}, 2, {1, 2, 3, 255, 9, 9, 9, 0}) == Numbers{1, 2, 3, 255, 255, 255});
  CHECK(colors({.type = PNG_COLOR_TYPE_GRAY_ALPHA}, 2, {50, 255, 9, 0}) == Numbers{50, 50, 50, 255, 255, 255});
}

TEST_CASE("pictures are turned as their eXIf chunk says, before or after the pixels") {
  const auto pixels = ramp({3, 5, 3});
  const Bytes file = encode_png(pixels.data(), {3, 5, 3});
  for (const int channels : {1, 3}) {
    const Picture stored = parse_png(file, channels, "p");
    for (const bool behind : {false, true})
      for (int orientation = 1; orientation <= 8; orientation++) {
        const Bytes noted = png_with_chunk(file, "eXIf", exif_data(orientation, behind), behind);
        const Picture seen = parse_png(noted, channels, "p"), expected = upright(stored, orientation);
        CHECK(seen.shape == expected.shape);
        CHECK(seen.bytes == expected.bytes);
      }
  }
}

TEST_CASE("an eXIf chunk that is damaged turns nothing; the first good one counts") {
  const auto pixels = ramp({3, 5, 3});
  const Bytes file = encode_png(pixels.data(), {3, 5, 3});
  CHECK(parse_png(png_with_chunk(file, "eXIf", {}), 3, "p").bytes == pixels);
  CHECK(parse_png(png_with_chunk(file, "eXIf", {'M', 'M', 0}), 3, "p").bytes == pixels);
  CHECK(parse_png(png_with_chunk(file, "teXt", exif_data(3, true)), 3, "p").bytes == pixels);
  Bytes wrong = png_with_chunk(file, "eXIf", exif_data(3, true));
  wrong[8 + 25 + 8 + 20] ^= 1;
  CHECK(strata::data::detail::png_orientation(wrong) == 1);
  const Bytes both = png_with_chunk(png_with_chunk(file, "eXIf", exif_data(3, true)), "eXIf", exif_data(6, true), true);
  CHECK(strata::data::detail::png_orientation(both) == 3);
  for (std::size_t size = 0; size < both.size(); size++) {
    const int orientation = strata::data::detail::png_orientation(Bytes(both.begin(), both.begin() + long(size)));
    CHECK((orientation == 1 || orientation == 3));
  }
  Bytes endless = file;
  for (int i = 0; i < 4; i++) endless[std::size_t(8 + i)] = 0xFF;
  CHECK(strata::data::detail::png_orientation(endless) == 1);
}

TEST_CASE("files that are not pictures, truncated, damaged, too large") {
  const auto pixels = ramp({40, 40, 1});
  const Bytes whole = encode_png(pixels.data(), {40, 40, 1});
  CHECK(refuses([] { parse_png({}, 1, "p"); }, "p: is not a readable PNG"));
  CHECK(refuses([] { parse_png({'P', 'K', 3, 4}, 1, "p"); }, "p: is not a readable PNG"));
  CHECK(refuses([&] { parse_png(Bytes(whole.begin(), whole.begin() + 20), 1, "p"); }, "p: is"));
  CHECK(refuses([&] { parse_png(Bytes(whole.begin(), whole.end() - 40), 1, "p"); }, "p: is a damaged PNG"));
  Bytes damaged = whole;
  damaged[whole.size() / 2] ^= 0xFF;
  CHECK(refuses([&] { parse_png(damaged, 1, "p"); }, "p: is a damaged PNG"));
  CHECK(refuses([&] { parse_png(png_of_size(whole, 8000, 8000), 1, "p"); },
                sentence("p: is 8000 x 8000 pixels, more than its ", whole.size(),
                         " bytes can hold (truncated?); get the file again")));
  CHECK(refuses([&] { parse_png(png_of_size(whole, 30000, 30000), 1, "p"); },
                "p: is 30000 x 30000 pixels, more than the limit; make it smaller"));
  Bytes long_chunk = png_with_chunk(whole, "tEXt", {'a', 0, 'b'});
  long_chunk[8 + 25] = 0x30;
  CHECK(refuses([&] { parse_png(long_chunk, 1, "p"); },
                "p: is not a readable PNG (a chunk of 805306371 bytes, more than follow)"));
  CHECK(refuses([] { read_png("/nowhere.png", 1); }, "/nowhere.png: cannot be opened"));
}

// SPDX-License-Identifier: MIT
#include <strata/data/jpeg.hpp>

#include <doctest/doctest.h>

#include "../support/exif.hpp"
#include "../support/jpeg.hpp"
#include "../support/refusal.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;
using namespace strata::testing;

namespace {

/// A smooth image, which JPEG keeps nearly unchanged.
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

TEST_CASE("colors and gray, baseline and progressive") {
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

TEST_CASE("files that are not pictures, truncated anywhere, damaged, too large") {
  CHECK(refuses([] { parse_jpeg({}, "p"); }, "p: is not a readable JPEG"));
  CHECK(refuses([] { parse_jpeg({0xFF, 0xD8, 0xFF, 0xE0}, "p"); }, "p: is not a readable JPEG"));
  CHECK(refuses([] { parse_jpeg({'P', 'K', 3, 4}, "p"); }, "p: is not a readable JPEG"));
  for (const bool progressive : {false, true}) {
    const Bytes whole = encode_jpeg(slope({40, 40, 3}), {40, 40, 3}, progressive);
    int accepted = 0;
    for (std::size_t size = 0; size < whole.size(); size++)
      accepted += refusal([&] { parse_jpeg(Bytes(whole.begin(), whole.begin() + long(size)), "p"); }).empty();
    CHECK(accepted == 0);
  }
  Bytes whole = encode_jpeg(slope({64, 64, 3}), {64, 64, 3});
  std::size_t frame = 0;  // the header with the sizes: marker, length, depth, then 16-bit height and width
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

TEST_CASE(
    "numbers in the scan header of a sequential JPEG cost nothing, nor does a transform that Adobe does not know") {
  const Bytes file = encode_jpeg(slope({16, 24, 3}), {16, 24, 3});
  const Picture plain = parse_jpeg(file, "p");
  std::size_t scan = 0;
  while (!(file[scan] == 0xFF && file[scan + 1] == 0xDA)) scan++;
  const std::size_t behind =
      scan + 2 + std::size_t(file[scan + 2]) * 256 + file[scan + 3];  // the end of the header; its last bytes vary
  for (const auto& [at, value] :
       {std::pair<std::size_t, std::uint8_t>{3, 1}, {3, 63}, {2, 0}, {2, 5}, {2, 255}, {1, 0x10}, {1, 0x21}}) {
    Bytes written_by_a_phone = file;
    written_by_a_phone[behind - at] = value;
    CHECK(parse_jpeg(written_by_a_phone, "p").bytes == plain.bytes);
  }
  Bytes adobe = file;
  adobe.insert(adobe.begin() + 2, {0xFF, 0xEE, 0, 14, 'A', 'd', 'o', 'b', 'e', 0, 100, 0, 0, 0, 0, 7});
  CHECK(parse_jpeg(adobe, "p").bytes == plain.bytes);
}

TEST_CASE("pictures are turned as their Exif data says") {
  const Shape shape{8, 16, 3};
  const Bytes file = encode_jpeg(slope(shape), shape);
  const Picture stored = parse_jpeg(file, "p");
  for (const bool big : {false, true})
    for (int orientation = 1; orientation <= 8; orientation++) {
      const Picture seen = parse_jpeg(jpeg_with_exif(file, exif_data(orientation, big)), "p"),
                    expected = upright(stored, orientation);
      CHECK(seen.shape == expected.shape);
      CHECK(seen.bytes == expected.bytes);
    }
  const Bytes gray = encode_jpeg(slope({8, 16, 1}), {8, 16, 1}, true);
  CHECK(parse_jpeg(jpeg_with_exif(gray, exif_data(6, true)), "p").bytes == upright(parse_jpeg(gray, "p"), 6).bytes);
  Bytes xmp = file;  // an APP1 segment without Exif data, before the one with it
  xmp = jpeg_with_exif(xmp, exif_data(3, false));
  xmp.insert(xmp.begin() + 2, {0xFF, 0xE1, 0, 8, 'h', 't', 't', 'p', ':', '/'});
  CHECK(parse_jpeg(xmp, "p").bytes == upright(stored, 3).bytes);
  CHECK(parse_jpeg(jpeg_with_exif(file, {'I', 'I', 42}), "p").bytes == stored.bytes);
}

TEST_CASE("more scans than a picture has") {
  const Bytes whole = encode_jpeg(slope({8, 8, 3}), {8, 8, 3}, false, 95, true);
  std::size_t scan = 0;
  while (!(whole[scan] == 0xFF && whole[scan + 1] == 0xDA)) scan++;
  std::size_t next = scan + 2;
  while (!(whole[next] == 0xFF && whole[next + 1] != 0)) next++;
  const auto with_scans = [&](int scans) {
    Bytes file = whole;
    for (int i = 3; i < scans; i++)
      file.insert(file.begin() + long(next), whole.begin() + long(scan), whole.begin() + long(next));
    return file;
  };
  CHECK(parse_jpeg(with_scans(200), "p").bytes == parse_jpeg(whole, "p").bytes);
  CHECK(refuses([&] { parse_jpeg(with_scans(201), "p"); }, "p: has more than 200 scans of 8 x 8 pixels",
                "not progressive"));
}

TEST_CASE("scans times pixels are bounded: the rows that are read for a file of many scans") {
  constexpr long largest = 16384L * 5461;
  static_assert(strata::data::detail::most_jpeg_scans(largest) == 16);
  static_assert(strata::data::detail::most_jpeg_scans(4096 * 4096) == 85);
  static_assert(strata::data::detail::most_jpeg_scans(1) == 200 && strata::data::detail::most_jpeg_scans(0) == 200);
  const Bytes file = encode_jpeg(slope({64, 64, 3}), {64, 64, 3}, true);  // 10 scans, in blocks of 16 rows
  const auto rows_read = [&](int most_scans, bool& whole) {
    strata::data::detail::JpegReader reader;
    REQUIRE(strata::data::detail::read_jpeg_header(reader, file.data(), file.size()));
    reader.most_scans = most_scans;
    std::vector<std::uint8_t> pixels(64 * 64 * 3);
    std::vector<JSAMPROW> rows;
    for (int y = 0; y < 64; y++) rows.push_back(pixels.data() + y * 64 * 3);
    whole = strata::data::detail::read_jpeg_rows(reader, rows.data());
    CHECK(reader.too_many_scans == !whole);
    return reader.steps;
  };
  bool whole = false;
  const long all = rows_read(10, whole);
  CHECK(whole);
  CHECK(all >= 10 * 4);
  long before = 0;
  for (int most = 1; most < 10; most++) {
    const long steps = rows_read(most, whole);
    CHECK(!whole);
    CHECK(steps > before);
    CHECK(steps <= (most + 1) * 8 + 2);  // scans of one component have blocks of 8 rows, and each header is a step
    before = steps;
  }
}

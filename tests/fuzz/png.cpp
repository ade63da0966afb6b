// SPDX-License-Identifier: MIT
// Bytes as a PNG image, and as a PNG of labels.
#include <strata/data/label_png.hpp>

#include "../support/exif.hpp"
#include "../support/fuzz.hpp"
#include "../support/png_kinds.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  for (int channels : {1, 3}) try {
      const Picture picture = parse_png(Bytes(data, data + size), channels, "f");
      if (long(picture.bytes.size()) != picture.shape.size()) __builtin_trap();
    } catch (const Error&) {
    }
  for (const StoredAs stored : {StoredAs::index, StoredAs::color}) try {
      const Picture picture = parse_label_png(Bytes(data, data + size), stored, "f");
      if (long(picture.bytes.size()) != picture.shape.size()) __builtin_trap();
    } catch (const Error&) {
    }
  return 0;
}

// A packed byte becomes 1032 bytes at most (https://zlib.net/zlib_tech.html), and each of their bits may be a pixel.
const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 100'000, .bytes_per_byte = 24 * 8 * 1032, .steps = 10'000, .steps_per_byte = 10 * 8 * 1032};

std::vector<Bytes> testing::fuzz_seeds() {
  const std::vector<std::uint8_t> pixels(300, 90);
  return {encode_png(pixels.data(), {10, 10, 3}),
          encode_png(pixels.data(), {10, 10, 1}),
          testing::encode_png_kind({.depth = 4, .interlaced = true}, 3, {{0x12, 0x30}, {0x45, 0x60}}),
          testing::encode_png_kind({.type = PNG_COLOR_TYPE_PALETTE, .depth = 2, .palette = {{9, 8, 7}, {1, 2, 3}}}, 4,
                                   {{0x11}}),
          testing::encode_png_kind({.depth = 16}, 2, {{0, 5, 1, 5}}),
          testing::png_with_chunk(encode_png(pixels.data(), {4, 6, 3}), "eXIf", testing::exif_data(6, false))};
}

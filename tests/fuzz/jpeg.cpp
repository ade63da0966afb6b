// SPDX-License-Identifier: MIT
// Bytes as a JPEG image.
#include <strata/data/jpeg.hpp>

#include "../support/exif.hpp"
#include "../support/fuzz.hpp"
#include "../support/jpeg.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::data;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  try {
    const Picture picture = parse_jpeg(Bytes(data, data + size), "f");
    if (long(picture.bytes.size()) != picture.shape.size()) __builtin_trap();
  } catch (const Error&) {
  }
  return 0;
}

// An image may have a single color, so that a few bytes are many pixels: the bound is the largest size that is read.
const testing::FuzzLimits testing::fuzz_limits{
    .bytes = 5 * picture_bytes, .bytes_per_byte = 0, .steps = 200'000, .steps_per_byte = 1'000};

std::vector<Bytes> testing::fuzz_seeds() {
  std::vector<std::uint8_t> pixels;
  for (int i = 0; i < 24 * 24 * 4; i++) pixels.push_back(std::uint8_t(i * i / 7));
  return {encode_jpeg(pixels, {24, 24, 3}), encode_jpeg(pixels, {17, 9, 1}), encode_jpeg(pixels, {24, 24, 3}, true, 40),
          encode_jpeg(pixels, {8, 8, 4}), jpeg_with_exif(encode_jpeg(pixels, {9, 5, 3}), exif_data(6, true))};
}

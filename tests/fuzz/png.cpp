// SPDX-License-Identifier: MIT
// Bytes as a PNG picture.
#include <strata/data/png.hpp>

#include "../support/fuzz.hpp"

using namespace strata;

extern "C" int LLVMFuzzerTestOneInput(const unsigned char* data, std::size_t size) {
  for (int channels : {1, 3}) try {
      const Picture picture = parse_png(Bytes(data, data + size), channels, "f");
      if (long(picture.bytes.size()) != picture.shape.size()) __builtin_trap();
    } catch (const Error&) {
    }
  return 0;
}

std::vector<Bytes> testing::fuzz_seeds() {
  const std::vector<std::uint8_t> pixels(300, 90);
  return {encode_png(pixels.data(), {10, 10, 3}), encode_png(pixels.data(), {10, 10, 1})};
}

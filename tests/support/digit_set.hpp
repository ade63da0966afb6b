// SPDX-License-Identifier: MIT
// Drawings that look a little like digits: the seven segments of a calculator, moved, of varying strength, with noise.
// For tests without real data.
#pragma once

#include <strata/core/random.hpp>
#include <strata/data/dataset.hpp>
#include <vector>

namespace strata::testing {

/// count images of 28 x 28 bytes, classes in turn.
inline data::Dataset digit_set(int count, std::uint64_t seed) {
  constexpr int segments[10] = {0x77, 0x24, 0x5D, 0x6D, 0x2E, 0x6B, 0x7B, 0x25, 0x7F, 0x6F};
  struct Bar {
    int y, x, height, width;
  };
  constexpr Bar bars[7] = {{4, 9, 2, 10},  {4, 8, 10, 2},   {4, 18, 10, 2}, {13, 9, 2, 10},
                           {14, 8, 10, 2}, {14, 18, 10, 2}, {22, 9, 2, 10}};
  std::vector<std::uint8_t> bytes(std::size_t(count) * 784);
  std::vector<std::int32_t> labels(std::size_t(count), 0);
  core::Random random{seed, 0};
  for (int i = 0; i < count; i++) {
    std::uint8_t* image = bytes.data() + std::size_t(i) * 784;
    labels[i] = i % 10;
    const int dy = int(random.below(7)) - 3, dx = int(random.below(9)) - 4, strength = 120 + int(random.below(130));
    for (int s = 0; s < 7; s++) {
      if (!(segments[i % 10] >> s & 1)) continue;
      for (int y = 0; y < bars[s].height; y++)
        for (int x = 0; x < bars[s].width; x++)
          image[(bars[s].y + y + dy) * 28 + bars[s].x + x + dx] = std::uint8_t(strength);
    }
    for (int p = 0; p < 784; p++) {
      const int noisy = image[p] + int(random.below(60)) - 30;
      image[p] = std::uint8_t(noisy < 0 ? 0 : noisy > 255 ? 255 : noisy);
    }
  }
  return data::Dataset({28, 28, 1}, std::move(bytes), std::move(labels));
}

}  // namespace strata::testing

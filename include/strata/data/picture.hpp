// SPDX-License-Identifier: MIT
// A decoded image: [H][W][C] bytes (C = 1 gray or labels, 3 red, green, blue).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <strata/core/files/file.hpp>
#include <strata/core/shape.hpp>

namespace strata::data {

/// Pixels of a 16-bit label image whose values do not fit a byte; they have no class.
struct BeyondBytes {
  std::vector<std::uint8_t> at{};  ///< 1 for each of these pixels, 0 for the others; empty where there are none
  std::string first{};             ///< "index 300" (the smallest), "color 300 2 3" (the first)
};

struct Picture {
  Shape shape{};
  std::vector<std::uint8_t> bytes;
  BeyondBytes beyond{};  ///< of label images only
};

/// Limits on pixels per side and on decoded bytes: larger images are rejected before memory is allocated for them.
inline constexpr int picture_side = 1 << 15;
inline constexpr long picture_bytes = 1L << 28;

}  // namespace strata::data

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

/// A decoded image.
struct Picture {
  Shape shape{};                    ///< with 1 channel (gray, labels) or 3 (red, green, blue)
  std::vector<std::uint8_t> bytes;  ///< [H][W][C]
  BeyondBytes beyond{};             ///< of label images only
};

/// The most pixels per side: larger images are rejected before memory is allocated for them.
inline constexpr int picture_side = 1 << 15;
/// The most decoded bytes, likewise.
inline constexpr long picture_bytes = 1L << 28;

}  // namespace strata::data

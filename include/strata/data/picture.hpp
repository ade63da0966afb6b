// SPDX-License-Identifier: MIT
// A decoded picture: H x W x C bytes, row by row, channels innermost (C = 1 grey or labels, 3 red, green, blue).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <strata/core/file.hpp>
#include <strata/core/shape.hpp>

namespace strata {

/// Pixels of a label picture of 16 bits whose numbers no byte holds; they stand for no class.
struct BeyondBytes {
  std::vector<std::uint8_t> at{};  ///< 1 for each of them, 0 for the others; empty where there is none
  std::string first{};             ///< "index 300" (the smallest), "colour 300 2 3" (the first)
};

struct Picture {
  Shape shape{};
  std::vector<std::uint8_t> bytes;
  BeyondBytes beyond{};  ///< of labels alone
};

/// Larger pictures are refused before memory is taken for them.
inline constexpr int picture_side = 1 << 15;
inline constexpr long picture_bytes = 1L << 28;

}  // namespace strata

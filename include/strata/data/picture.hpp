// SPDX-License-Identifier: MIT
// A decoded picture: H x W x C bytes, row by row, channels innermost (C = 1 grey or labels, 3 red, green, blue).
#pragma once

#include <cstdint>
#include <vector>

#include <strata/core/file.hpp>
#include <strata/core/shape.hpp>

namespace strata {

struct Picture {
  Shape shape{};
  std::vector<std::uint8_t> bytes;
};

/// Larger pictures are refused before memory is taken for them.
inline constexpr int picture_side = 1 << 15;
inline constexpr long picture_bytes = 1L << 28;

}  // namespace strata

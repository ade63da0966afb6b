// SPDX-License-Identifier: MIT
// The orientation that cameras record in an image's Exif data, and turning the image upright. Exif 2.32, section 4.6.4;
// the values are in TIFF tables (TIFF 6.0, section 2).
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <utility>

#include <strata/data/picture.hpp>

namespace strata::data {

/// The orientation, 1 ... 8, in Exif data with or without JPEG's six-byte prefix; 1, as stored, where there is none or
/// the data is damaged.
inline int exif_orientation(const unsigned char* exif, std::size_t size) {
  constexpr std::size_t entry_bytes = 12;
  if (size >= 6 && std::memcmp(exif, "Exif\0\0", 6) == 0) exif += 6, size -= 6;
  if (size < 8) return 1;
  const bool little = exif[0] == 'I' && exif[1] == 'I', big = exif[0] == 'M' && exif[1] == 'M';
  const auto number = [&](std::size_t at, int bytes) {
    std::uint32_t out = 0;
    for (int i = 0; i < bytes; i++) out |= std::uint32_t(exif[at + std::size_t(i)]) << 8 * (little ? i : bytes - 1 - i);
    return out;
  };
  if ((!little && !big) || number(2, 2) != 42) return 1;
  const std::size_t table = number(4, 4);
  if (table > size - 2) return 1;
  const std::size_t entries = std::min<std::size_t>(number(table, 2), (size - table - 2) / entry_bytes);
  for (std::size_t i = 0; i < entries; i++) {
    const std::size_t at = table + 2 + i * entry_bytes;  // tag, type, count, value
    const std::uint32_t type = number(at + 2, 2);        // 1 BYTE, 3 SHORT, 4 LONG
    if (number(at, 2) != 0x0112 || number(at + 4, 4) != 1 || (type != 1 && type != 3 && type != 4)) continue;
    const std::uint32_t value = number(at + 8, type == 1 ? 1 : type == 3 ? 2 : 4);
    if (value >= 1 && value <= 8) return int(value);
  }
  return 1;
}

/// Turns an image of that orientation upright: 2 is mirrored, 3 upside down, 4 both; 5 ... 8 lie on their side, so
/// height and width are swapped.
inline Picture upright(Picture stored, int orientation) {
  if (orientation < 2 || orientation > 8) return stored;
  const int height = stored.shape.height, width = stored.shape.width;
  const long channels = stored.shape.channels;
  const bool sideways = orientation >= 5;
  const bool from_below = orientation == 3 || orientation == 4 || orientation == 6 || orientation == 7;
  const bool from_right = orientation == 2 || orientation == 3 || orientation == 7 || orientation == 8;
  const auto turned = [&](const std::vector<std::uint8_t>& from, long bytes) {  // bytes per pixel
    std::vector<std::uint8_t> out(from.size());
    std::uint8_t* to = out.data();
    for (int y = 0; y < (sideways ? width : height); y++)
      for (int x = 0; x < (sideways ? height : width); x++, to += bytes) {
        const int row = sideways ? x : y, column = sideways ? y : x;
        const long at = long(from_below ? height - 1 - row : row) * width + (from_right ? width - 1 - column : column);
        std::copy_n(from.data() + at * bytes, bytes, to);
      }
    return out;
  };
  stored.bytes = turned(stored.bytes, channels);
  if (!stored.beyond.at.empty()) stored.beyond.at = turned(stored.beyond.at, 1);
  if (sideways) std::swap(stored.shape.height, stored.shape.width);
  return stored;
}

}  // namespace strata::data

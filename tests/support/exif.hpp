// SPDX-License-Identifier: MIT
// Exif data that states an orientation, and files that carry it.
#pragma once

#include <cstdint>
#include <string>

#include <strata/core/files/file.hpp>

namespace strata::testing {

/// A TIFF table whose second of three entries is the orientation, of that type (3: SHORT) and count.
inline core::Bytes exif_data(int orientation, bool big_endian, int type = 3, int count = 1) {
  core::Bytes out{'M', 'M', 0, 42};
  if (!big_endian) out = {'I', 'I', 42, 0};
  const auto put = [&](int value, int bytes) {
    for (int i = 0; i < bytes; i++) out.push_back(std::uint8_t(value >> 8 * (big_endian ? bytes - 1 - i : i)));
  };
  put(8, 4), put(3, 2);
  for (const int tag : {0x0100, 0x0112, 0x0131}) {
    const bool asked = tag == 0x0112;
    put(tag, 2), put(asked ? type : 4, 2), put(asked ? count : 1, 4);
    const int bytes = asked && type == 3 ? 2 : asked && type == 1 ? 1 : 4;
    put(asked ? orientation : 7, bytes), put(0, 4 - bytes);
  }
  put(0, 4);  // no further table
  return out;
}

/// The JPEG with the data in an APP1 segment after its first two bytes.
inline core::Bytes jpeg_with_exif(const core::Bytes& jpeg, const core::Bytes& exif) {
  core::Bytes out(jpeg.begin(), jpeg.begin() + 2);
  const std::size_t length = 2 + 6 + exif.size();
  for (const int byte : {0xFF, 0xE1, int(length >> 8), int(length & 255), int('E'), int('x'), int('i'), int('f'), 0, 0})
    out.push_back(std::uint8_t(byte));
  out.insert(out.end(), exif.begin(), exif.end());
  out.insert(out.end(), jpeg.begin() + 2, jpeg.end());
  return out;
}

/// The PNG with this chunk after its header, or before its end.
inline core::Bytes png_with_chunk(const core::Bytes& png, const std::string& name, const core::Bytes& data,
                                  bool after_pixels = false) {
  core::Bytes chunk;
  const auto put = [&](std::size_t value) {
    for (int shift = 24; shift >= 0; shift -= 8) chunk.push_back(std::uint8_t(value >> shift));
  };
  put(data.size());
  chunk.insert(chunk.end(), name.begin(), name.end()), chunk.insert(chunk.end(), data.begin(), data.end());
  std::uint32_t checksum = ~0u;  // CRC-32 of name and data
  for (std::size_t i = 4; i < chunk.size(); i++) {
    checksum ^= chunk[i];
    for (int bit = 0; bit < 8; bit++) checksum = checksum >> 1 ^ (checksum & 1 ? 0xEDB88320u : 0u);
  }
  put(~checksum);
  core::Bytes out = png;
  const long at = after_pixels ? long(png.size()) - 12 : 8 + 25;
  out.insert(out.begin() + at, chunk.begin(), chunk.end());
  return out;
}

}  // namespace strata::testing

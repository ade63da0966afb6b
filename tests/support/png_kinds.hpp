// SPDX-License-Identifier: MIT
// PNG files of any kind: gray of 1 to 16 bits, palettes, transparency, interlaced, with a gamma.
#pragma once

#include <png.h>
#include <zlib.h>

#include <strata/core/files/file.hpp>

#include <cstdint>
#include <vector>

namespace strata::testing {

struct PngKind {
  int type = PNG_COLOR_TYPE_GRAY, depth = 8;
  bool interlaced = false;
  double gamma = 0;                  ///< 0: none is stated
  std::vector<png_color> palette{};  ///< for PNG_COLOR_TYPE_PALETTE
  core::Bytes opacity{};             ///< of its entries
};

/// `rows`: the packed rows, as stored.
inline core::Bytes encode_png_kind(const PngKind& kind, int width, std::vector<core::Bytes> rows) {
  core::Bytes out;
  png_structp png = png_create_write_struct(PNG_LIBPNG_VER_STRING, nullptr, nullptr, nullptr);
  png_infop info = png_create_info_struct(png);
  png_set_write_fn(
      png, &out,
      [](png_structp p, png_bytep data, std::size_t size) {
        core::Bytes& to = *static_cast<core::Bytes*>(png_get_io_ptr(p));
        to.insert(to.end(), data, data + size);
      },
      nullptr);
  png_set_IHDR(png, info, png_uint_32(width), png_uint_32(rows.size()), kind.depth, kind.type,
               kind.interlaced ? PNG_INTERLACE_ADAM7 : PNG_INTERLACE_NONE, PNG_COMPRESSION_TYPE_DEFAULT,
               PNG_FILTER_TYPE_DEFAULT);
  if (!kind.palette.empty()) png_set_PLTE(png, info, kind.palette.data(), int(kind.palette.size()));
  if (!kind.opacity.empty()) png_set_tRNS(png, info, kind.opacity.data(), int(kind.opacity.size()), nullptr);
  if (kind.gamma > 0) png_set_gAMA(png, info, kind.gamma);
  png_write_info(png, info);
  std::vector<png_bytep> pointers;
  pointers.reserve(rows.size());
  for (core::Bytes& row : rows) pointers.push_back(row.data());
  png_write_image(png, pointers.data());
  png_write_end(png, nullptr);
  png_destroy_write_struct(&png, &info);
  return out;
}

/// The PNG with another size in its header, with a valid checksum.
inline core::Bytes png_of_size(core::Bytes png, std::uint32_t height, std::uint32_t width) {
  const auto put = [&](std::size_t at, std::uint32_t value) {
    for (int i = 0; i < 4; i++) png[at + std::size_t(i)] = std::uint8_t(value >> (24 - 8 * i));
  };
  put(16, width), put(20, height), put(29, std::uint32_t(::crc32(0, png.data() + 12, 17)));
  return png;
}

}  // namespace strata::testing

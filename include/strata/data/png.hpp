// SPDX-License-Identifier: MIT
// PNG images as bytes, [H][W][C] (C = 1 gray, 3 RGB, 4 RGBA). Needs strata::png (libpng).
#pragma once

#include <png.h>
#include <zlib.h>

#include <cstdint>
#include <cstring>
#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/data/orientation.hpp>
#include <strata/data/picture.hpp>

namespace strata::data {

namespace detail {

struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
};

constexpr png_uint_32 png_format(int channels) {
  return channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
}

/// Throws Error, before memory is allocated, where an image is larger than the limits or than a file of `file` bytes
/// can hold: a pixel has at least one bit, and deflate expands a byte to at most 1032
/// (https://zlib.net/zlib_tech.html). bytes: those of the decoded image.
inline void check_png_size(std::size_t file, long height, long width, long bytes, const std::string& name) {
  if (height > picture_side || width > picture_side || bytes > picture_bytes)
    throw Error(name, ": is ", height, " x ", width, " pixels, more than the limit; make it smaller");
  if (std::size_t(height * width) / (8 * 1032) > file)
    throw Error(name, ": is ", height, " x ", width, " pixels, more than its ", file,
                " bytes can hold (truncated?); get the file again");
}

inline std::uint32_t png_number(const core::Bytes& file, std::size_t at) {
  return std::uint32_t(file[at]) << 24 | std::uint32_t(file[at + 1]) << 16 | std::uint32_t(file[at + 2]) << 8 |
         file[at + 3];
}

/// Throws Error where a chunk claims more bytes than the file has left: libpng would allocate them all. to_the_end:
/// checks all chunks, not only those before the pixels.
inline void check_png_chunks(const core::Bytes& file, bool to_the_end, const std::string& name) {
  std::size_t at = 8;              // after the signature
  while (file.size() >= at + 8) {  // length, name
    const std::size_t length = png_number(file, at);
    if (!to_the_end && std::memcmp(file.data() + at + 4, "IDAT", 4) == 0) return;
    if (length > file.size() - at - 8)
      throw Error(name, ": is not a readable PNG (a chunk of ", length,
                  " bytes, more than follow); get the file again");
    at += 12 + length;
  }
}

/// The orientation in the first eXIf chunk with a correct checksum, before or after the pixels; 1 where there is none.
inline int png_orientation(const core::Bytes& file) {
  std::size_t at = 8;               // after the signature
  while (file.size() >= at + 12) {  // length, name, data, checksum of name and data
    const std::size_t length = png_number(file, at);
    if (length > file.size() - at - 12) return 1;
    const unsigned char* const name = file.data() + at + 4;
    if (std::memcmp(name, "eXIf", 4) == 0 && ::crc32(0, name, uInt(length + 4)) == png_number(file, at + 8 + length))
      return exif_orientation(name + 4, length);
    at += 12 + length;
  }
  return 1;
}

}  // namespace detail

/// Decodes a PNG in memory to [H][W][channels] bytes, gray (1) or RGB (3), whatever the file stores: a palette is
/// looked up, 16 bits are rounded to 8, transparency is blended onto white, and the image is turned upright by its eXIf
/// chunk. `name` appears in error messages; throws Error where the file is damaged or too large.
inline Picture parse_png(const core::Bytes& file, int channels, const std::string& name) {
  detail::check_png_chunks(file, false, name);
  detail::PngImage image;
  if (!png_image_begin_read_from_memory(&image, file.data(), file.size()))
    throw Error(name, ": is not a readable PNG (", image.message, "); give a PNG file");
  const long size = long(image.width) * long(image.height) * channels;
  detail::check_png_size(file.size(), long(image.height), long(image.width), size, name);
  image.format = detail::png_format(channels);
  image.flags |= PNG_IMAGE_FLAG_16BIT_sRGB;  // 16-bit values without a stated gamma are sRGB, like 8-bit ones
  Picture out{{int(image.height), int(image.width), channels}, std::vector<std::uint8_t>(std::size_t(size))};
  const png_color white{255, 255, 255};
  if (!png_image_finish_read(&image, &white, out.bytes.data(), 0, nullptr))
    throw Error(name, ": is a damaged PNG (", image.message, "); get the file again");
  return upright(std::move(out), detail::png_orientation(file));
}

/// The same from a file. Throws Error where it cannot be read or decoded.
inline Picture read_png(const std::string& path, int channels) {
  return parse_png(core::read_file(path), channels, path);
}

/// Encodes pixels[H][W][C], C = 1, 3 or 4, as the bytes of a PNG file. Throws Error where libpng cannot.
inline core::Bytes encode_png(const std::uint8_t* pixels, Shape shape) {
  detail::PngImage image;
  image.width = png_uint_32(shape.width), image.height = png_uint_32(shape.height);
  image.format = detail::png_format(shape.channels);
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  core::Bytes out(size);
  if (!png_image_write_to_memory(&image, out.data(), &size, 0, pixels, 0, nullptr))
    throw Error("encode_png: ", shape.height, " x ", shape.width, " x ", shape.channels,
                " cannot be written: ", image.message);
  out.resize(size);
  return out;
}

}  // namespace strata::data

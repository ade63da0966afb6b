// SPDX-License-Identifier: MIT
// PNG images as bytes (H x W x C: C = 1 grey, 3 colours, 4 with opacity). Needs strata::png (libpng).
#pragma once

#include <png.h>

#include <cstdint>
#include <string>
#include <vector>

#include <strata/core/error.hpp>
#include <strata/core/file.hpp>
#include <strata/core/shape.hpp>

namespace strata {

struct Picture {
  Shape shape{};
  std::vector<std::uint8_t> bytes;
};

namespace detail {

inline constexpr long png_limit = 1L << 28;  ///< bytes of an unpacked picture

struct PngImage : png_image {
  PngImage() : png_image{} { version = PNG_IMAGE_VERSION; }
  ~PngImage() { png_image_free(this); }
};

constexpr png_uint_32 png_format(int channels) {
  return channels == 1 ? PNG_FORMAT_GRAY : channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_RGBA;
}

}  // namespace detail

/// From memory, as grey (channels 1) or colours (3); transparency is laid on white. `name` is for the sentences.
inline Picture parse_png(const Bytes& file, int channels, const std::string& name) {
  detail::PngImage image;
  if (!png_image_begin_read_from_memory(&image, file.data(), file.size()))
    throw Error(name, ": is no PNG that can be read (", image.message, "); give a PNG file");
  const long size = long(image.width) * long(image.height) * channels;
  if (image.width > 1u << 15 || image.height > 1u << 15 || size > detail::png_limit)
    throw Error(name, ": is ", image.height, " x ", image.width, " pixels, more than are read here; make it smaller");
  image.format = detail::png_format(channels);
  Picture out{{int(image.height), int(image.width), channels}, std::vector<std::uint8_t>(std::size_t(size))};
  const png_color white{255, 255, 255};
  if (!png_image_finish_read(&image, &white, out.bytes.data(), 0, nullptr))
    throw Error(name, ": is a damaged PNG (", image.message, "); get the file again");
  return out;
}

inline Picture read_png(const std::string& path, int channels) { return parse_png(read_file(path), channels, path); }

/// The bytes of a PNG file.
inline Bytes encode_png(const std::uint8_t* pixels, Shape shape) {
  detail::PngImage image;
  image.width = png_uint_32(shape.width), image.height = png_uint_32(shape.height);
  image.format = detail::png_format(shape.channels);
  png_alloc_size_t size = PNG_IMAGE_PNG_SIZE_MAX(image);
  Bytes out(size);
  if (!png_image_write_to_memory(&image, out.data(), &size, 0, pixels, 0, nullptr))
    throw Error("encode_png: ", shape.height, " x ", shape.width, " x ", shape.channels, " cannot be written: ", image.message);
  out.resize(size);
  return out;
}

}  // namespace strata

// SPDX-License-Identifier: MIT
// Label images in PNG files, as the values that are stored: class indices, or colors that stand for classes. Unlike in
// an image, gamma, color profile and transparency are not applied. Needs strata::png (libpng).
#pragma once

#include <algorithm>
#include <csetjmp>
#include <cstdio>
#include <cstring>

#include <strata/data/png.hpp>

namespace strata::data {

namespace detail {

/// libpng's reader over bytes in memory. It reports an error with longjmp, so the functions below that call it own
/// nothing that needs a destructor.
struct PngReader {
  png_structp png = nullptr;
  png_infop info = nullptr;
  const unsigned char* at = nullptr;
  std::size_t left = 0;
  char message[96] = "out of memory";

  explicit PngReader(const core::Bytes& file) : at(file.data()), left(file.size()) {
    png = png_create_read_struct(PNG_LIBPNG_VER_STRING, this, failed, ignored);
    if (png) info = png_create_info_struct(png);
    if (png && info) png_set_read_fn(png, this, copy);
  }
  PngReader(const PngReader&) = delete;
  ~PngReader() { png_destroy_read_struct(&png, &info, nullptr); }

  static void failed(png_structp png, png_const_charp text) {
    PngReader& self = *static_cast<PngReader*>(png_get_error_ptr(png));
    std::snprintf(self.message, sizeof self.message, "%s", text);
    png_longjmp(png, 1);
  }
  static void ignored(png_structp, png_const_charp) {}
  static void copy(png_structp png, png_bytep target, std::size_t size) {
    PngReader& self = *static_cast<PngReader*>(png_get_io_ptr(png));
    if (size > self.left) png_error(png, "it ends too early");
    std::memcpy(target, self.at, size);
    self.at += size, self.left -= size;
  }
};

/// Reads the header and requests 8-bit values, or 16-bit ones where the file has them: one per pixel (gray value or
/// palette index), or three (color file, or `colors`). False after an error; the message is in the reader.
inline bool read_png_header(PngReader& reader, bool colors) {
  if (!reader.info || setjmp(png_jmpbuf(reader.png))) return false;
  png_set_user_limits(reader.png, png_uint_32(picture_side), png_uint_32(picture_side));
  png_read_info(reader.png, reader.info);
  const int type = png_get_color_type(reader.png, reader.info);
  png_set_packing(reader.png);
  if (colors) {
    if (type == PNG_COLOR_TYPE_PALETTE) png_set_palette_to_rgb(reader.png);
    if (type == PNG_COLOR_TYPE_GRAY) png_set_expand_gray_1_2_4_to_8(reader.png);
    if (!(type & PNG_COLOR_MASK_COLOR)) png_set_gray_to_rgb(reader.png);
  }
  png_set_strip_alpha(reader.png);
  png_set_interlace_handling(reader.png);
  png_read_update_info(reader.png, reader.info);
  return true;
}

inline bool read_png_rows(PngReader& reader, png_bytep* rows) {
  if (setjmp(png_jmpbuf(reader.png))) return false;
  png_read_image(reader.png, rows);
  png_read_end(reader.png, nullptr);
  return true;
}

/// Narrows 16-bit values, high byte first, to bytes. A color may also be stored as PNG widens 8 bits: each value times
/// 257. Pixels that fit neither way are in Picture::beyond.
inline Picture narrowed(const std::vector<std::uint8_t>& wide, Shape shape) {
  Picture out{shape, std::vector<std::uint8_t>(std::size_t(shape.size()))};
  const auto number = [&](long i) { return wide[std::size_t(2 * i)] << 8 | wide[std::size_t(2 * i + 1)]; };
  int smallest = 1 << 16;
  for (long pixel = 0; pixel < shape.pixels(); pixel++) {
    const long at = pixel * shape.channels;
    bool small = true, widened = shape.channels == 3;
    for (long i = at; i < at + shape.channels; i++)
      small = small && number(i) < 256, widened = widened && number(i) % 257 == 0;
    for (long i = at; i < at + shape.channels; i++)
      out.bytes[std::size_t(i)] = std::uint8_t(small ? number(i) : widened ? number(i) / 257 : 255);
    if (small || widened) continue;
    BeyondBytes& beyond = out.beyond;
    beyond.at.resize(std::size_t(shape.pixels()));
    beyond.at[std::size_t(pixel)] = 1;
    if (shape.channels == 1) smallest = std::min(smallest, number(at));
    else if (beyond.first.empty())
      beyond.first = core::sentence("color ", number(at), " ", number(at + 1), " ", number(at + 2));
  }
  if (smallest < 1 << 16) out.beyond.first = core::sentence("index ", smallest);
  return out;
}

}  // namespace detail

/// What a label image is read as: index or color.
enum class StoredAs { index, color, colour [[deprecated("strata: colour is now color")]] = color };

/// Decodes a label PNG in memory. `index`: gray values or palette indices as stored, 1 channel; a color file has 3.
/// `color`: always 3 channels. 16-bit values are narrowed to bytes; those that do not fit are in Picture::beyond. The
/// image is turned upright by its eXIf chunk, like other images. `name` appears in error messages; throws Error where
/// the file is damaged or too large.
inline Picture parse_label_png(const core::Bytes& file, StoredAs stored, const std::string& name) {
  const auto damaged = [&](const detail::PngReader& reader) {
    return Error(name, ": is not a readable PNG (", reader.message, "); get the file again");
  };
  detail::check_png_chunks(file, true, name);
  detail::PngReader reader(file);
  if (!detail::read_png_header(reader, stored == StoredAs::color)) throw damaged(reader);
  const Shape shape{int(png_get_image_height(reader.png, reader.info)),
                    int(png_get_image_width(reader.png, reader.info)), int(png_get_channels(reader.png, reader.info))};
  const long row_bytes = long(png_get_rowbytes(reader.png, reader.info));
  detail::check_png_size(file.size(), shape.height, shape.width, shape.height * row_bytes, name);
  Picture out{shape, std::vector<std::uint8_t>(std::size_t(shape.height * row_bytes))};
  std::vector<png_bytep> rows(std::size_t(shape.height));
  for (int y = 0; y < shape.height; y++) rows[std::size_t(y)] = out.bytes.data() + y * row_bytes;
  if (!detail::read_png_rows(reader, rows.data())) throw damaged(reader);
  if (png_get_bit_depth(reader.png, reader.info) == 16) out = detail::narrowed(out.bytes, shape);
  return upright(std::move(out), detail::png_orientation(file));
}

}  // namespace strata::data

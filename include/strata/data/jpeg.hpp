// SPDX-License-Identifier: MIT
// JPEG pictures as bytes, H x W x 3. Needs strata::jpeg (libjpeg-turbo).
#pragma once

#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <vector>

#include <jpeglib.h>  // names FILE and size_t without including them
#include <jerror.h>

#include <strata/core/error.hpp>
#include <strata/data/picture.hpp>

namespace strata {

namespace detail {

/// libjpeg's reader over bytes in memory. An error is a jump out of its call: the functions below that call it own nothing
/// that would have to be destroyed on the way.
struct JpegReader {
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct info{};
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";

  JpegReader() = default;
  JpegReader(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info); }

  [[noreturn]] static void failed(j_common_ptr info) {
    JpegReader& self = *static_cast<JpegReader*>(info->client_data);
    self.errors.format_message(info, self.message);
    std::longjmp(self.jump, 1);
  }
  /// libjpeg warns where it goes on with invented pixels. Stray bytes and a newer version cost none.
  static void warned(j_common_ptr info, int level) {
    const int what = info->err->msg_code;
    if (level < 0 && what != JWRN_EXTRANEOUS_DATA && what != JWRN_JFIF_MAJOR) failed(info);
  }
  /// A small file can ask for any number of passes over a large picture.
  static void advanced(j_common_ptr info) {
    JpegReader& self = *static_cast<JpegReader*>(info->client_data);
    if (self.info.input_scan_number <= 200) return;
    std::snprintf(self.message, sizeof self.message, "more than 200 scans");
    std::longjmp(self.jump, 1);
  }
};

inline bool read_jpeg_header(JpegReader& reader, const unsigned char* bytes, std::size_t size) {
  jpeg_decompress_struct& info = reader.info;
  info.err = jpeg_std_error(&reader.errors);
  reader.errors.error_exit = JpegReader::failed;
  reader.errors.emit_message = JpegReader::warned;
  reader.progress.progress_monitor = JpegReader::advanced;
  info.client_data = &reader;
  if (setjmp(reader.jump)) return false;
  jpeg_create_decompress(&info);
  info.progress = &reader.progress;
  info.mem->max_memory_to_use = 1L << 30;
  jpeg_mem_src(&info, bytes, static_cast<unsigned long>(size));
  jpeg_read_header(&info, TRUE);
  return true;
}

inline bool read_jpeg_rows(JpegReader& reader, JSAMPARRAY rows) {
  jpeg_decompress_struct& info = reader.info;
  if (setjmp(reader.jump)) return false;
  info.out_color_space = JCS_RGB;
  jpeg_start_decompress(&info);
  while (info.output_scanline < info.output_height)
    jpeg_read_scanlines(&info, rows + info.output_scanline, info.output_height - info.output_scanline);
  jpeg_finish_decompress(&info);
  return true;
}

}  // namespace detail

/// From memory; grey becomes colours. `name` is for the sentences.
inline Picture parse_jpeg(const Bytes& file, const std::string& name) {
  detail::JpegReader reader;
  if (!detail::read_jpeg_header(reader, file.data(), file.size()))
    throw Error(name, ": is no JPEG that can be read (", reader.message, "); get the file again");
  const Shape shape{int(reader.info.image_height), int(reader.info.image_width), 3};
  if (shape.height > picture_side || shape.width > picture_side || shape.size() > picture_bytes)
    throw Error(name, ": is ", shape.height, " x ", shape.width, " pixels, more than are read here; make it smaller");
  const J_COLOR_SPACE colours = reader.info.jpeg_color_space;
  if (colours != JCS_GRAYSCALE && colours != JCS_YCbCr && colours != JCS_RGB)
    throw Error(name, ": is a JPEG of ", reader.info.num_components, " inks (CMYK), not of colours; convert it to RGB");
  Picture out{shape, std::vector<std::uint8_t>(std::size_t(shape.size()))};
  std::vector<JSAMPROW> rows(std::size_t(shape.height));
  for (int y = 0; y < shape.height; y++) rows[y] = out.bytes.data() + long(y) * shape.width * 3;
  if (!detail::read_jpeg_rows(reader, rows.data()))
    throw Error(name, ": is a damaged JPEG (", reader.message, "); get the file again");
  return out;
}

}  // namespace strata

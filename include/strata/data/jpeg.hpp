// SPDX-License-Identifier: MIT
// JPEG images as bytes, [H][W][3]. Needs strata::jpeg (libjpeg-turbo).
#pragma once

#include <algorithm>
#include <csetjmp>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include <jerror.h>
#include <jpeglib.h>  // names FILE and size_t without including them

#include <strata/core/error.hpp>
#include <strata/data/orientation.hpp>
#include <strata/data/picture.hpp>

namespace strata::data {

namespace detail {

/// The most scans that are read: a small file can require any number of passes over a large image. Encoders use 10 for
/// color, at most 14. The largest image may have 16, a smaller one as many as cost the same work, up to 200.
constexpr int most_jpeg_scans(long pixels) {
  return int(std::min(16 * (picture_bytes / 3) / std::max(pixels, 1L), 200L));
}

/// libjpeg's decoder over bytes in memory. It reports an error with longjmp, so the functions below that call it own
/// nothing that needs a destructor.
struct JpegReader {
  jpeg_error_mgr errors{};
  jpeg_progress_mgr progress{};
  jpeg_decompress_struct info{};
  std::jmp_buf jump;
  char message[JMSG_LENGTH_MAX] = "";
  int most_scans = 200;
  bool too_many_scans = false;
  long steps = 0;  ///< rows of blocks read so far, over all scans

  JpegReader() = default;
  JpegReader(const JpegReader&) = delete;
  ~JpegReader() { jpeg_destroy_decompress(&info); }

  [[noreturn]] static void failed(j_common_ptr info) {
    JpegReader& self = *static_cast<JpegReader*>(info->client_data);
    self.errors.format_message(info, self.message);
    std::longjmp(self.jump, 1);
  }
  /// libjpeg warns where it continues with made-up pixels, which is an error here. These warnings are harmless: stray
  /// bytes, a newer version, values in the scan header that a sequential scan does not use (written by phones), an
  /// unknown Adobe color transform.
  static void warned(j_common_ptr info, int level) {
    const int what = info->err->msg_code;
    if (level < 0 && what != JWRN_EXTRANEOUS_DATA && what != JWRN_JFIF_MAJOR && what != JWRN_NOT_SEQUENTIAL &&
        what != JWRN_ADOBE_XFORM)
      failed(info);
  }
  static void advanced(j_common_ptr info) {
    JpegReader& self = *static_cast<JpegReader*>(info->client_data);
    self.steps++;
    if (self.info.input_scan_number <= self.most_scans) return;
    self.too_many_scans = true;
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
  jpeg_save_markers(&info, JPEG_APP0 + 1, 0xFFFF);  // Exif data, among others
  jpeg_mem_src(&info, bytes, static_cast<unsigned long>(size));
  jpeg_read_header(&info, TRUE);
  reader.most_scans = most_jpeg_scans(long(info.image_width) * long(info.image_height));
  return true;
}

/// The orientation in the Exif data before the first scan. libjpeg drops the data once it has read the pixels.
inline int jpeg_orientation(const JpegReader& reader) {
  for (jpeg_saved_marker_ptr marker = reader.info.marker_list; marker; marker = marker->next)
    if (marker->data_length >= 6 && std::memcmp(marker->data, "Exif\0\0", 6) == 0)
      return exif_orientation(marker->data, marker->data_length);
  return 1;
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

/// Decodes a JPEG in memory to RGB, [H][W][3]; gray is expanded, and the image is turned upright as its Exif data says.
/// `name` appears in error messages; throws Error where the file is damaged, CMYK or too large (picture.hpp).
inline Picture parse_jpeg(const core::Bytes& file, const std::string& name) {
  detail::JpegReader reader;
  if (!detail::read_jpeg_header(reader, file.data(), file.size()))
    throw Error(name, ": is not a readable JPEG (", reader.message, "); get the file again");
  const Shape shape{int(reader.info.image_height), int(reader.info.image_width), 3};
  if (shape.height > picture_side || shape.width > picture_side || shape.size() > picture_bytes)
    throw Error(name, ": is ", shape.height, " x ", shape.width, " pixels, more than the limit; make it smaller");
  const J_COLOR_SPACE colors = reader.info.jpeg_color_space;
  if (colors != JCS_GRAYSCALE && colors != JCS_YCbCr && colors != JCS_RGB)
    throw Error(name, ": is a JPEG of ", reader.info.num_components, " inks (CMYK), not of colors; convert it to RGB");
  const int orientation = detail::jpeg_orientation(reader);
  Picture out{shape, std::vector<std::uint8_t>(std::size_t(shape.size()))};
  std::vector<JSAMPROW> rows(std::size_t(shape.height));
  for (int y = 0; y < shape.height; y++) rows[std::size_t(y)] = out.bytes.data() + long(y) * shape.width * 3;
  const bool whole = detail::read_jpeg_rows(reader, rows.data());
  if (reader.too_many_scans)
    throw Error(name, ": has more than ", reader.most_scans, " scans of ", shape.height, " x ", shape.width,
                " pixels, the limit for this size; save it as a JPEG that is not progressive");
  if (!whole) throw Error(name, ": is a damaged JPEG (", reader.message, "); get the file again");
  return upright(std::move(out), orientation);
}

}  // namespace strata::data

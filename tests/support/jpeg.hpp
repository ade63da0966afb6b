// SPDX-License-Identifier: MIT
// JPEG files for tests: gray (1 channel), RGB (3) or CMYK (4), in one scan, in one per color component, or progressive.
#pragma once

#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <vector>

#include <jpeglib.h>

#include <strata/core/files/file.hpp>
#include <strata/core/shape.hpp>

namespace strata::testing {

inline core::Bytes encode_jpeg(const std::vector<std::uint8_t>& pixels, Shape shape, bool progressive = false,
                               int quality = 95, bool scan_per_component = false) {
  jpeg_compress_struct info{};
  jpeg_error_mgr errors{};
  info.err = jpeg_std_error(&errors);
  jpeg_create_compress(&info);
  unsigned char* data = nullptr;
  unsigned long size = 0;
  jpeg_mem_dest(&info, &data, &size);
  info.image_width = unsigned(shape.width), info.image_height = unsigned(shape.height);
  info.input_components = shape.channels;
  info.in_color_space = shape.channels == 1 ? JCS_GRAYSCALE : shape.channels == 3 ? JCS_RGB : JCS_CMYK;
  jpeg_set_defaults(&info);
  jpeg_set_quality(&info, quality, TRUE);
  if (progressive) jpeg_simple_progression(&info);
  const jpeg_scan_info each[3] = {{1, {0}, 0, 63, 0, 0}, {1, {1}, 0, 63, 0, 0}, {1, {2}, 0, 63, 0, 0}};
  if (scan_per_component) info.scan_info = each, info.num_scans = 3;
  jpeg_start_compress(&info, TRUE);
  for (int y = 0; y < shape.height; y++) {
    JSAMPROW row = const_cast<JSAMPROW>(pixels.data() + long(y) * shape.width * shape.channels);
    jpeg_write_scanlines(&info, &row, 1);
  }
  jpeg_finish_compress(&info);
  jpeg_destroy_compress(&info);
  core::Bytes out(data, data + size);
  std::free(data);
  return out;
}

}  // namespace strata::testing

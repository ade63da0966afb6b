// SPDX-License-Identifier: MIT
// Image files, PNG or JPEG, told apart by their first bytes, not by their names. Needs strata::png (libpng) and
// strata::jpeg (libjpeg-turbo).
#pragma once

#include <algorithm>
#include <string>

#include <strata/data/jpeg.hpp>
#include <strata/data/label_png.hpp>
#include <strata/data/png.hpp>

namespace strata::data {

/// The formats of images: png, jpeg; none: any other.
enum class PictureFormat { none, png, jpeg };

/// The format of a file, from its first bytes.
inline PictureFormat picture_format(const core::Bytes& file) {
  constexpr unsigned char png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}, jpeg[3] = {0xFF, 0xD8, 0xFF};
  if (file.size() >= 8 && std::equal(png, png + 8, file.begin())) return PictureFormat::png;
  return file.size() >= 3 && std::equal(jpeg, jpeg + 3, file.begin()) ? PictureFormat::jpeg : PictureFormat::none;
}

/// Decodes a PNG or JPEG file to 8-bit RGB, [H][W][3]. `name` appears in error messages; throws Error where the file is
/// damaged, too large or of another format.
inline Picture parse_picture(const core::Bytes& file, const std::string& name) {
  switch (picture_format(file)) {
    case PictureFormat::png: return parse_png(file, 3, name);
    case PictureFormat::jpeg: return parse_jpeg(file, name);
    case PictureFormat::none: break;
  }
  throw Error(name, ": is ", file.empty() ? "empty" : "neither PNG nor JPEG",
              "; give a picture in one of these formats");
}

/// The same from a file. Throws Error where it cannot be read or decoded.
inline Picture read_picture(const std::string& path) { return parse_picture(core::read_file(path), path); }

/// Reads a label image as it is stored: see parse_label_png(). Throws Error for JPEG too, since it is lossy.
inline Picture read_label_picture(const std::string& path, StoredAs stored) {
  const core::Bytes file = core::read_file(path);
  if (picture_format(file) == PictureFormat::jpeg)
    throw Error(path, ": holds labels as JPEG, whose compression changes them; store labels as PNG");
  return parse_label_png(file, stored, path);
}

}  // namespace strata::data

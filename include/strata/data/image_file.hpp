// SPDX-License-Identifier: MIT
// Picture files, PNG or JPEG. Which of them a file is, its first bytes say, not its name. Needs strata::png (libpng) and
// strata::jpeg (libjpeg-turbo).
#pragma once

#include <algorithm>
#include <string>

#include <strata/data/jpeg.hpp>
#include <strata/data/label_png.hpp>
#include <strata/data/png.hpp>

namespace strata {

enum class PictureFormat { none, png, jpeg };

inline PictureFormat picture_format(const Bytes& file) {
  constexpr unsigned char png[8] = {0x89, 'P', 'N', 'G', '\r', '\n', 0x1A, '\n'}, jpeg[3] = {0xFF, 0xD8, 0xFF};
  if (file.size() >= 8 && std::equal(png, png + 8, file.begin())) return PictureFormat::png;
  return file.size() >= 3 && std::equal(jpeg, jpeg + 3, file.begin()) ? PictureFormat::jpeg : PictureFormat::none;
}

/// The colours of a picture: 8-bit RGB, H x W x 3.
inline Picture parse_picture(const Bytes& file, const std::string& name) {
  switch (picture_format(file)) {
    case PictureFormat::png: return parse_png(file, 3, name);
    case PictureFormat::jpeg: return parse_jpeg(file, name);
    case PictureFormat::none: break;
  }
  throw Error(name, ": is ", file.empty() ? "empty" : "neither PNG nor JPEG", "; give a picture in one of these formats");
}

inline Picture read_picture(const std::string& path) { return parse_picture(read_file(path), path); }

/// A picture whose numbers are labels, as they are stored: see parse_label_png. JPEG changes them, so it is refused.
inline Picture read_label_picture(const std::string& path, StoredAs stored) {
  const Bytes file = read_file(path);
  if (picture_format(file) == PictureFormat::jpeg)
    throw Error(path, ": holds labels as JPEG, which changes them when it is written; store labels as PNG");
  return parse_label_png(file, stored, path);
}

}  // namespace strata

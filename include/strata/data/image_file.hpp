// SPDX-License-Identifier: MIT
// Picture files. What a file is, its first bytes say, not its name. Needs strata::png (libpng).
#pragma once

#include <string>

#include <strata/data/label_png.hpp>
#include <strata/data/png.hpp>

namespace strata {

/// The colours of a picture: 8-bit RGB, H x W x 3.
inline Picture parse_picture(const Bytes& file, const std::string& name) { return parse_png(file, 3, name); }

inline Picture read_picture(const std::string& path) { return parse_picture(read_file(path), path); }

/// A picture whose numbers are labels, as they are stored: see parse_label_png.
inline Picture read_label_picture(const std::string& path, StoredAs stored) {
  return parse_label_png(read_file(path), stored, path);
}

}  // namespace strata

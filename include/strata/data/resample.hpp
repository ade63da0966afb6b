// SPDX-License-Identifier: MIT
// A picture seen through another grid: moved, reflected, enlarged or reduced along its rows and columns. Between pixels the
// image is interpolated bilinearly, labels are those of the nearest pixel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include <strata/data/label_decoding.hpp>

namespace strata {

/// For each output row (or column) the input row that it shows, as index * 256 + 256ths of the way to the next; -1: out of
/// view.
using Sources = std::vector<std::int32_t>;

/// Output i of `size` shows ((i + 1/2 + begin) / scale - 1/2) of `input` rows; the outer halves of the first and the last are
/// in view and show these.
inline Sources sources(int size, int input, double scale, double begin) {
  Sources out(std::size_t(size), -1);
  for (int i = 0; i < size; i++) {
    const double edge = (i + 0.5 + begin) / scale;
    if (edge >= 0 && edge < input) out[i] = std::int32_t(std::clamp(edge - 0.5, 0.0, double(input - 1)) * 256 + 0.5);
  }
  return out;
}

/// Fills images of rows.size() x columns.size() x 3 from one of `width` columns. Out of view is 0. tone[256] is looked up
/// for every number where it is not null.
inline void resample_image(const Sources& rows, const Sources& columns, int width, const std::uint8_t* image,
                           const std::uint8_t* tone, std::uint8_t* out) {
  std::memset(out, 0, rows.size() * columns.size() * 3);
  for (const std::int32_t row : rows) {
    const int fy = row & 255;
    const std::uint8_t* above = image + long(row >> 8) * width * 3;
    const std::uint8_t* below = fy ? above + long(width) * 3 : above;
    for (std::size_t x = 0; x < columns.size(); x++, out += 3) {
      if (row < 0 || columns[x] < 0) continue;
      const int fx = columns[x] & 255, at = (columns[x] >> 8) * 3, next = fx ? at + 3 : at;
      for (int c = 0; c < 3; c++) {
        int value = above[at + c];
        if (fx | fy) {
          const int upper = value * (256 - fx) + above[next + c] * fx;
          const int lower = below[at + c] * (256 - fx) + below[next + c] * fx;
          value = (upper * (256 - fy) + lower * fy + 32768) >> 16;
        }
        out[c] = tone ? tone[value] : std::uint8_t(value);
      }
    }
  }
}

/// The same of labels, one a pixel. Out of view is void. A pixel half way belongs to the next.
inline void resample_labels(const Sources& rows, const Sources& columns, int width, const std::uint8_t* labels,
                            std::uint8_t* out) {
  for (const std::int32_t row : rows)
    for (const std::int32_t column : columns)
      *out++ = row < 0 || column < 0 ? void_label : labels[long((row + 128) >> 8) * width + ((column + 128) >> 8)];
}

}  // namespace strata

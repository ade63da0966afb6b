// SPDX-License-Identifier: MIT
// Resamples an image and its labels on another grid: shifted, reflected, enlarged or reduced along rows and columns.
// The image is interpolated bilinearly; labels are those of the nearest pixel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <strata/core/samples/image_transform.hpp>
#include <strata/data/label_decoding.hpp>

namespace strata::data {

/// source() (core/samples/image_transform.hpp) of each output row or column.
using Sources = std::vector<std::int32_t>;

/// The sources of `size` output rows (or columns) of an image with `input` of them.
inline Sources sources(int size, int input, double scale, double begin) {
  Sources out(std::size_t(size), 0);
  for (int i = 0; i < size; i++) out[std::size_t(i)] = core::source(i, input, scale, begin);
  return out;
}

/// Fills out[rows.size()][columns.size()][3] from an image of `width` columns. tone[256], unless null, maps every
/// value in view; pixels out of view are `outside`.
inline void resample_image(const Sources& rows, const Sources& columns, int width, const std::uint8_t* image,
                           const std::uint8_t* tone, std::uint8_t* out, const core::Outside& outside = {}) {
  for (const std::int32_t row : rows) {
    const core::Between y = core::between(row);
    const std::uint8_t* above = image + long(y.first) * width * 3;
    const std::uint8_t* below = image + long(y.next) * width * 3;
    for (std::size_t x = 0; x < columns.size(); x++, out += 3) {
      if (row < 0 || columns[x] < 0) {
        std::copy_n(outside.begin(), 3, out);
        continue;
      }
      const core::Between from = core::between(columns[x]);
      const int at = from.first * 3, next = from.next * 3;
      for (int c = 0; c < 3; c++) {
        int value = above[at + c];
        if (from.share | y.share)
          value = core::bilinear(value, above[next + c], below[at + c], below[next + c], from.share, y.share);
        out[c] = tone ? tone[value] : std::uint8_t(value);
      }
    }
  }
}

/// The same for labels, one per pixel; out of view they are void_label.
inline void resample_labels(const Sources& rows, const Sources& columns, int width, const std::uint8_t* labels,
                            std::uint8_t* out) {
  for (const std::int32_t row : rows)
    for (const std::int32_t column : columns)
      *out++ = row < 0 || column < 0 ? void_label : labels[long(core::nearest(row)) * width + core::nearest(column)];
}

}  // namespace strata::data

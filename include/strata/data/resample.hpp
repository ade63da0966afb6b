// SPDX-License-Identifier: MIT
// A picture seen through another grid: moved, reflected, enlarged or reduced along its rows and columns. Between pixels the
// image is interpolated bilinearly, labels are those of the nearest pixel.
#pragma once

#include <algorithm>
#include <cstdint>
#include <vector>

#include <strata/core/change.hpp>
#include <strata/data/label_decoding.hpp>

namespace strata {

/// source() (core/change.hpp) of each output row or column.
using Sources = std::vector<std::int32_t>;

inline Sources sources(int size, int input, double scale, double begin) {
  Sources out(std::size_t(size), 0);
  for (int i = 0; i < size; i++) out[std::size_t(i)] = source(i, input, scale, begin);
  return out;
}

/// Fills images of rows.size() x columns.size() x 3 from one of `width` columns. tone[256] is looked up for every number in
/// view where it is not null.
inline void resample_image(const Sources& rows, const Sources& columns, int width, const std::uint8_t* image,
                           const std::uint8_t* tone, std::uint8_t* out, const Outside& outside = {}) {
  for (const std::int32_t row : rows) {
    const Between y = between(row);
    const std::uint8_t* above = image + long(y.first) * width * 3;
    const std::uint8_t* below = image + long(y.next) * width * 3;
    for (std::size_t x = 0; x < columns.size(); x++, out += 3) {
      if (row < 0 || columns[x] < 0) {
        std::copy_n(outside.begin(), 3, out);
        continue;
      }
      const Between from = between(columns[x]);
      const int at = from.first * 3, next = from.next * 3;
      for (int c = 0; c < 3; c++) {
        int value = above[at + c];
        if (from.share | y.share) value = bilinear(value, above[next + c], below[at + c], below[next + c], from.share, y.share);
        out[c] = tone ? tone[value] : std::uint8_t(value);
      }
    }
  }
}

/// The same of labels, one a pixel. Out of view is void.
inline void resample_labels(const Sources& rows, const Sources& columns, int width, const std::uint8_t* labels,
                            std::uint8_t* out) {
  for (const std::int32_t row : rows)
    for (const std::int32_t column : columns)
      *out++ = row < 0 || column < 0 ? void_label : labels[long(nearest(row)) * width + nearest(column)];
}

}  // namespace strata

// SPDX-License-Identifier: MIT
// What is done to a picture and to its labels, and the formulas of it, which the host and a device share: tables of where each
// row and column looks and of the tones are made on the host; a pixel is then integers alone.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <strata/core/device.hpp>

namespace strata {

/// What is shown out of view, a number a channel; channels beyond these show 0.
using Outside = std::array<std::uint8_t, 4>;

/// What is done to one sample. Output pixel (y, x), of a reflected picture (y, W - 1 - x), shows the input at
/// ((y - down + 1/2 + top) / scale - 1/2, (x - right + 1/2 + left) / scale - 1/2). Out of view an image is as `outside`
/// says and a label void.
struct Change {
  bool reflected = false;
  int down = 0, right = 0;        ///< pixels that the picture moves
  double scale = 1;
  double top = 0, left = 0;       ///< where the part begins in the scaled picture; negative: the picture within the part
  double gain = 1, offset = 0;    ///< of the numbers in view: gain (v - 128) + 128 + offset
  Outside outside{};

  bool tones() const { return gain != 1 || offset != 0; }
};

/// What output row (or column) i shows of `input` rows, ((i + 1/2 + begin) / scale - 1/2), as index * 256 + 256ths of the way to
/// the next; -1: out of view. The outer halves of the first and the last row are in view and show these.
inline std::int32_t source(int i, int input, double scale, double begin) {
  const double edge = (i + 0.5 + begin) / scale;
  return edge >= 0 && edge < input ? std::int32_t(std::clamp(edge - 0.5, 0.0, double(input - 1)) * 256 + 0.5) : -1;
}

/// The sources of all rows[height] and columns[width] of a changed picture.
inline void fill_sources(const Change& change, int height, int width, std::int32_t* rows, std::int32_t* columns) {
  for (int y = 0; y < height; y++) rows[y] = source(y, height, change.scale, change.top - change.down);
  for (int x = 0; x < width; x++) columns[x] = source(x, width, change.scale, change.left - change.right);
  if (change.reflected) std::reverse(columns, columns + width);
}

/// What becomes of each number in view: tones[256].
inline void fill_tones(const Change& change, std::uint8_t* tones) {
  for (int v = 0; v < 256; v++)
    tones[v] = std::uint8_t(std::lround(std::clamp(change.gain * (v - 128) + 128 + change.offset, 0.0, 255.0)));
}

/// Between which two rows a source in view lies, and how far on the way, in 256ths.
struct Between {
  int first, next, share;
};
STRATA_DEVICE inline Between between(std::int32_t source) {
  const int share = source & 255;
  return {source >> 8, (source >> 8) + (share != 0), share};
}

/// The row whose label a source in view shows. Half way it is the next.
STRATA_DEVICE inline int nearest(std::int32_t source) { return (source + 128) >> 8; }

/// The number between four, `right` and `down` 256ths of the way.
STRATA_DEVICE inline int bilinear(int first, int right_of, int below, int right_below, int right, int down) {
  const int upper = first * (256 - right) + right_of * right, lower = below * (256 - right) + right_below * right;
  return (upper * (256 - down) + lower * down + 32768) >> 16;
}

}  // namespace strata

// SPDX-License-Identifier: MIT
// The augmentation of one image and its labels, with formulas shared by host and device. The host builds tables of
// source rows, source columns and tones; per pixel, only integer arithmetic remains.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

#include <strata/core/device.hpp>

namespace strata::core {

/// Values shown outside the image, one per channel; any further channels show 0.
using Outside = std::array<std::uint8_t, 4>;
/// The same of images of floats.
using OutsideFloats = std::array<float, 4>;

/// The augmentation of one sample. Output pixel (y, x), or (y, W - 1 - x) if reflected, shows the input at
/// ((y - down + 1/2 + top) / scale - 1/2, (x - right + 1/2 + left) / scale - 1/2). Beyond the input, an image shows
/// `outside` and a label is void.
struct ImageTransform {
  bool reflected = false;       ///< left and right are swapped
  int down = 0, right = 0;      ///< translation in pixels
  double scale = 1;             ///< factor of enlargement
  double top = 0, left = 0;     ///< pixels of the scaled image before the crop; negative: the image lies inside it
  double gain = 1, offset = 0;  ///< of the values in view, from 0 to 255: gain (v - 128) + 128 + offset
  Outside outside{};            ///< what is shown beyond the image

  /// Whether values change.
  bool tones() const { return gain != 1 || offset != 0; }
};

/// The source of output row (or column) i among `input` rows, (i + 1/2 + begin) / scale - 1/2, as 256 * index + 256ths
/// of the way to the next row; -1: out of view. The outer halves of the first and last rows are in view and show those
/// rows.
inline std::int32_t source(int i, int input, double scale, double begin) {
  const double edge = (i + 0.5 + begin) / scale;
  return edge >= 0 && edge < input ? std::int32_t(std::clamp(edge - 0.5, 0.0, double(input - 1)) * 256 + 0.5) : -1;
}

/// Fills rows[height] and columns[width] with the sources of a transformed image.
inline void fill_sources(const ImageTransform& transform, int height, int width, std::int32_t* rows,
                         std::int32_t* columns) {
  for (int y = 0; y < height; y++) rows[y] = source(y, height, transform.scale, transform.top - transform.down);
  for (int x = 0; x < width; x++) columns[x] = source(x, width, transform.scale, transform.left - transform.right);
  if (transform.reflected) std::reverse(columns, columns + width);
}

/// Fills tones[256] with the output value of each input value in view.
inline void fill_tones(const ImageTransform& transform, std::uint8_t* tones) {
  for (int v = 0; v < 256; v++)
    tones[v] = std::uint8_t(std::lround(std::clamp(transform.gain * (v - 128) + 128 + transform.offset, 0.0, 255.0)));
}

/// The two rows that a source in view lies between, and how far along, in 256ths.
struct Between {
  int first, next, share;  ///< rows `first` and `next`; `share` in 256ths from 0 to 255
};
/// Takes a source apart.
STRATA_DEVICE inline Between between(std::int32_t source) {
  const int share = source & 255;
  return {source >> 8, (source >> 8) + (share != 0), share};
}

/// The row whose label a source in view shows; a tie goes to the next row.
STRATA_DEVICE inline int nearest(std::int32_t source) { return (source + 128) >> 8; }

/// Bilinear interpolation of four values; `right` and `down` are in 256ths of the way.
STRATA_DEVICE inline int bilinear(int first, int right_of, int below, int right_below, int right, int down) {
  const int upper = first * (256 - right) + right_of * right, lower = below * (256 - right) + right_below * right;
  return (upper * (256 - down) + lower * down + 32768) >> 16;
}

}  // namespace strata::core

// SPDX-License-Identifier: MIT
// Shows an image through an affine map: shifted, scaled, turned. Images are interpolated bilinearly, labels are those
// of the nearest pixel, as in core/samples/image_transform.hpp.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <concepts>
#include <cstdint>
#include <vector>

#include <strata/core/samples/image_transform.hpp>
#include <strata/core/shape.hpp>

namespace strata::data {

/// Output pixel (row, column) shows the input at y[0] + y[1] row + y[2] column pixels from its upper edge, and likewise
/// x from its left edge.
struct Warp {
  std::array<double, 3> y{0.5, 1, 0}, x{0.5, 0, 1};

  /// The warp of an affine map from points of the output to points of the input, map(y, x) = {y, x}.
  template <class Map>
  static Warp through(Map&& map) {
    const auto at = map(0.5, 0.5), below = map(1.5, 0.5), right = map(0.5, 1.5);
    return {{at[0], below[0] - at[0], right[0] - at[0]}, {at[1], below[1] - at[1], right[1] - at[1]}};
  }
  /// Whether the output is the input.
  bool is_none() const { return y == Warp().y && x == Warp().x; }
};

/// The source of a position, in pixels from the edge, among `input` rows or columns: as core::source().
inline std::int32_t source_at(double edge, int input) {
  return edge >= 0 && edge < input ? std::int32_t(std::clamp(edge - 0.5, 0.0, double(input - 1)) * 256 + 0.5) : -1;
}

/// Calls show(source of the row, source of the column) for each pixel of the output, in order; both are -1 out of view.
template <class Show>
void for_each_source(const Warp& warp, int height, int width, Show&& show) {
  const auto show_one = [&](std::int32_t row, std::int32_t column) {
    if (row < 0 || column < 0) show(-1, -1);
    else show(row, column);
  };
  if (warp.y[2] == 0 && warp.x[1] == 0) {  // rows stay rows
    std::vector<std::int32_t> columns(static_cast<std::size_t>(width));
    for (int j = 0; j < width; j++) columns[std::size_t(j)] = source_at(warp.x[0] + warp.x[2] * j, width);
    for (int i = 0; i < height; i++) {
      const std::int32_t row = source_at(warp.y[0] + warp.y[1] * i, height);
      for (const std::int32_t column : columns) show_one(row, column);
    }
    return;
  }
  for (int i = 0; i < height; i++) {
    const double y = warp.y[0] + warp.y[1] * i, x = warp.x[0] + warp.x[1] * i;
    for (int j = 0; j < width; j++) show_one(source_at(y + warp.y[2] * j, height), source_at(x + warp.x[2] * j, width));
  }
}

namespace detail {

/// warp_image() of `Channels`, or of shape.channels where that is 0.
template <int Channels, class Pixel>
void warp_channels(const Warp& warp, Shape shape, const Pixel* image, const std::array<Pixel, 4>& outside,
                   Pixel further, Pixel* out) {
  const int channels = Channels ? Channels : shape.channels;
  const long row = long(shape.width) * channels;
  for_each_source(warp, shape.height, shape.width, [&](std::int32_t from_row, std::int32_t from_column) {
    if (from_row < 0) {
      for (int c = 0; c < channels; c++) *out++ = c < 4 ? outside[std::size_t(c)] : further;
      return;
    }
    const core::Between y = core::between(from_row), x = core::between(from_column);
    const Pixel* const above = image + y.first * row + x.first * channels;
    const Pixel* const below = image + y.next * row + x.first * channels;
    const int next = (x.next - x.first) * channels;
    if ((y.share | x.share) == 0) {
      for (int c = 0; c < channels; c++) *out++ = above[c];
    } else if constexpr (std::same_as<Pixel, std::uint8_t>) {
      for (int c = 0; c < channels; c++)
        *out++ = Pixel(core::bilinear(above[c], above[next + c], below[c], below[next + c], x.share, y.share));
    } else {
      const Pixel right = Pixel(x.share) / 256, down = Pixel(y.share) / 256;
      for (int c = 0; c < channels; c++) {
        const Pixel upper = above[c] + right * (above[next + c] - above[c]);
        const Pixel lower = below[c] + right * (below[next + c] - below[c]);
        *out++ = upper + down * (lower - upper);
      }
    }
  });
}

}  // namespace detail

/// Fills out[H][W][C] with the warped image [H][W][C] of bytes or floats. Out of view channel c is outside[c], or
/// `further` from the fifth channel on.
template <class Pixel>
void warp_image(const Warp& warp, Shape shape, const Pixel* image, const std::array<Pixel, 4>& outside, Pixel further,
                Pixel* out) {
  if (shape.channels == 1) detail::warp_channels<1>(warp, shape, image, outside, further, out);
  else if (shape.channels == 3) detail::warp_channels<3>(warp, shape, image, outside, further, out);
  else detail::warp_channels<0>(warp, shape, image, outside, further, out);
}

/// The same for labels [H][W]; out of view they are `void_one`.
template <class Label>
void warp_labels(const Warp& warp, int height, int width, const Label* labels, Label void_one, Label* out) {
  for_each_source(warp, height, width, [&](std::int32_t row, std::int32_t column) {
    *out++ = row < 0 ? void_one : labels[long(core::nearest(row)) * width + core::nearest(column)];
  });
}

}  // namespace strata::data

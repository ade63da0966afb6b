// SPDX-License-Identifier: MIT
// The exact Euclidean distance from every pixel to the nearest marked one, in time linear in the number of pixels:
// first along the columns, then in each row the lower envelope of one parabola per column, all in integers (Meijster,
// Roerdink, Hesselink 2000).
#pragma once

#include <cstdint>
#include <vector>

namespace strata::metrics {

/// The squared distance where no marked pixel is within reach.
inline constexpr std::int32_t far_away = INT32_MAX;

/// Longest side of an image whose squared distances fit in 32 bits.
inline constexpr int longest_side = 32767;

namespace detail {

/// g[y][x]: rows to the nearest marked pixel of the same column, at most `none`.
inline void distances_along_columns(const std::uint8_t* marked, int height, int width, std::int32_t none,
                                    std::int32_t* g) {
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      const long i = long(y) * width + x;
      const std::int32_t above = y ? g[i - width] : none;
      g[i] = marked[i] ? 0 : above < none ? above + 1 : none;
    }
  for (int y = height - 2; y >= 0; y--)
    for (int x = 0; x < width; x++) {
      const long i = long(y) * width + x;
      const std::int32_t below = g[i + width] < none ? g[i + width] + 1 : none;
      g[i] = below < g[i] ? below : g[i];
    }
}

/// The parabola (x - column)^2 + height, the lowest one from pixel `from` until the next of the envelope.
struct Parabola {
  std::int32_t column, from;
  std::int64_t height;

  std::int64_t at(std::int64_t x) const { return (x - column) * (x - column) + height; }
};

/// The first pixel at which parabola b, to the right of a, is lower than a. The division rounds toward minus infinity.
inline std::int64_t overtakes(const Parabola& a, const Parabola& b) {
  const std::int64_t u = b.column, i = a.column;
  const std::int64_t numerator = u * u - i * i + b.height - a.height, denominator = 2 * (u - i);
  return (numerator >= 0 ? numerator / denominator : -((-numerator + denominator - 1) / denominator)) + 1;
}

}  // namespace detail

/// squared[y * width + x] = min (x - u)^2 + (y - v)^2 over the marked pixels (u, v); far_away if that is more than
/// reach^2. Height, width <= longest_side. A short reach saves time.
inline void distance_transform(const std::uint8_t* marked, int height, int width, std::int32_t* squared,
                               int reach = 2 * longest_side) {
  const std::int32_t none = (reach < height ? reach : height) + 1;
  detail::distances_along_columns(marked, height, width, none, squared);
  std::vector<detail::Parabola> envelope(width > 0 ? std::size_t(width) : 0);
  for (int y = 0; y < height; y++) {
    std::int32_t* row = squared + long(y) * width;
    std::size_t count = 0;
    for (int x = 0; x < width; x++) {
      if (row[x] >= none) continue;
      detail::Parabola next{x, 0, std::int64_t(row[x]) * row[x]};
      std::int64_t from = 0;
      while (count > 0 && (from = detail::overtakes(envelope[count - 1], next)) <= envelope[count - 1].from) count--;
      if (count == 0) from = 0;
      if (from >= width) continue;
      next.from = std::int32_t(from);
      envelope[count++] = next;
    }
    std::size_t k = 0;
    for (int x = 0; x < width; x++) {
      if (count == 0) {
        row[x] = far_away;
        continue;
      }
      while (k + 1 < count && envelope[k + 1].from <= x) k++;
      const std::int64_t d = envelope[k].at(x);
      row[x] = d > std::int64_t(reach) * reach ? far_away : std::int32_t(d);
    }
  }
}

}  // namespace strata::metrics

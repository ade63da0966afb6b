// SPDX-License-Identifier: MIT
// Colors, textures and outlines of the drawn streets. All arithmetic is in integers, so every compiler and processor
// draws the same bits: lengths in millimeters, shares and brightness in 256ths.
#pragma once

#include <cstdint>

#include <strata/core/divide.hpp>
#include <strata/core/random.hpp>

namespace strata::scene {

/// CamVid's eleven classes, in the order of data/camvid.hpp.
enum Label : int { unlabeled = -1, sky, building, pole, road, pavement, tree, sign, fence, car, pedestrian, bicyclist };

struct Color {
  int red = 0, green = 0, blue = 0;
};

/// `light` / 256 times as bright; may leave 0 ... 255: the canvas clips.
constexpr Color lit(Color c, int light) { return {c.red * light / 256, c.green * light / 256, c.blue * light / 256}; }

/// share / 256 of b, the rest of a.
constexpr Color blend(Color a, Color b, int share) {
  return {a.red + (b.red - a.red) * share / 256, a.green + (b.green - a.green) * share / 256,
          a.blue + (b.blue - a.blue) * share / 256};
}

constexpr Color gray(int value) { return {value, value, value}; }

/// What a surface shows at one point: nothing, or a color that covers what is behind it by cover / 256, and a label.
struct Paint {
  Color color{};
  int label = unlabeled;
  int cover = 256;
  bool there = true;
};
inline constexpr Paint nothing{{}, unlabeled, 0, false};

constexpr int clip(int value, int low, int high) { return value < low ? low : value > high ? high : value; }
constexpr int absolute(int value) { return value < 0 ? -value : value; }
/// a modulo n, in [0, n).
constexpr int wrap(int a, int n) { return a - core::floor_divide(a, n) * n; }

/// A hash of (seed, a, b), 0 ... 255.
constexpr int dice(std::uint64_t seed, int a, int b = 0) {
  return int(core::mix(seed, (std::uint64_t(std::uint32_t(a)) << 32) | std::uint32_t(b)) >> 56);
}
/// Uniform in [low, high].
inline int between(core::Random& random, int low, int high) {
  return low + int(random.below(std::uint64_t(high - low + 1)));
}
inline bool chance(core::Random& random, int percent) { return int(random.below(100)) < percent; }

template <class T, int n>
const T& one_of(core::Random& random, const T (&choices)[n]) {
  return choices[random.below(n)];
}

/// Smooth noise, 0 ... 255, that varies over `cell` (up to 2^22). Drawing an image spends most of its time here, so
/// the lattice uses a 32-bit hash of two multiplications.
constexpr int noise(std::uint64_t seed, int x, int y, int cell) {
  const int i = core::floor_divide(x, cell), j = core::floor_divide(y, cell);
  const auto smooth = [cell](int t) {
    t = t * 256 / cell;
    return t * t * (768 - 2 * t) >> 16;
  };
  const std::uint32_t column = std::uint32_t(seed ^ (seed >> 32)) + std::uint32_t(i) * 0x9E3779B1u;
  const std::uint32_t row = std::uint32_t(j) * 0x85EBCA77u;
  const auto lattice = [](std::uint32_t h) {
    h = (h ^ (h >> 15)) * 0x2C1B3C6Du;
    h = (h ^ (h >> 13)) * 0x297A2D39u;
    return int(h >> 24);
  };
  const int u = smooth(x - i * cell), v = smooth(y - j * cell);
  const int top = lattice(column + row) * (256 - u) + lattice(column + 0x9E3779B1u + row) * u;
  const int bottom =
      lattice(column + row + 0x85EBCA77u) * (256 - u) + lattice(column + 0x9E3779B1u + row + 0x85EBCA77u) * u;
  return (top * (256 - v) + bottom * v) >> 16;
}

/// Noise over `cell` plus three finer octaves, 0 ... 255.
constexpr int clouds(std::uint64_t seed, int x, int y, int cell) {
  return (noise(seed, x, y, cell) * 8 + noise(seed + 1, x, y, cell / 2 + 1) * 4 +
          noise(seed + 2, x, y, cell / 4 + 1) * 2 + noise(seed + 3, x, y, cell / 8 + 1)) /
         15;
}

/// Whether (x, y) is at most `radius` from the segment a ... b.
constexpr bool in_limb(int x, int y, int ax, int ay, int bx, int by, int radius) {
  const std::int64_t dx = bx - ax, dy = by - ay, px = x - ax, py = y - ay;
  const std::int64_t length = dx * dx + dy * dy, along = px * dx + py * dy, r = std::int64_t(radius) * radius;
  if (along <= 0) return px * px + py * py <= r;
  if (along >= length) return (x - bx) * std::int64_t(x - bx) + (y - by) * std::int64_t(y - by) <= r;
  const std::int64_t across = px * dy - py * dx;
  return across * across <= r * length;
}

constexpr bool in_disc(int x, int y, int radius_x, int radius_y) {
  const std::int64_t a = std::int64_t(x) * radius_y, b = std::int64_t(y) * radius_x;
  const std::int64_t r = std::int64_t(radius_x) * radius_y;
  return a * a + b * b <= r * r;
}

/// floor(sqrt(n)).
constexpr int square_root(std::int64_t n) {
  std::int64_t low = 0, high = 3037000499;
  while (low < high) {
    const std::int64_t middle = (low + high + 1) / 2;
    if (middle * middle <= n) low = middle;
    else high = middle - 1;
  }
  return int(low);
}

}  // namespace strata::scene

// SPDX-License-Identifier: MIT
// A street seen through a camera. The world is in millimeters: x to the right of the camera, y above the ground, z
// ahead. Two kinds of surface are enough: upright walls on any line of the ground, and slopes that run straight across
// the view (the ground itself, roofs, windshields). A shader gives the paint at each point of a surface. The canvas has
// 2 x 2 samples per pixel; later paint covers earlier paint.
#pragma once

#include <cstdint>
#include <vector>

#include "paint.hpp"

namespace strata::scene {

struct Camera {
  int height = 0, width = 0;  ///< of the canvas, in samples
  int focal = 0;              ///< in 16ths of a sample, like the next two
  int center = 0;             ///< column of the direction ahead
  int horizon = 0;            ///< row of the horizon
  int eye = 1400;             ///< above the ground
  int radius = 0;             ///< of the bend of the street: > 0 to the right, 0 straight

  /// How far the bend has shifted the street to the right at distance z.
  int bend(int z) const { return radius ? int(std::int64_t(z) * z / (2 * std::int64_t(radius))) : 0; }
  /// Millimeters per sample at distance z.
  int grain(int z) const { return int(std::int64_t(z) * 16 / focal); }
};

/// Sun, sky and haze.
struct Light {
  int ambient = 170, direct = 90;  ///< brightness in the shade, and what the sun adds
  int sun_x = 0, sun_z = -256;     ///< horizontal direction toward the sun, length 256
  int sun_y = 256;                 ///< elevation of the sun, as a slope in 256ths
  bool shadows = true;
  Color zenith, horizon, tint{256, 256, 256};
  int cover = 100;     ///< share of the sky that clouds cover, in 256ths
  int haze = 250'000;  ///< distance at which a color is half that of the horizon

  /// Brightness of an upright surface whose normal is (x, z), length 256.
  int on(int normal_x, int normal_z) const {
    const int facing = (normal_x * sun_x + normal_z * sun_z) / 256;
    return ambient + (facing > 0 ? direct * facing / 256 : 0);
  }
  int on_ground() const { return ambient + direct * 3 / 4; }
  /// Brightness of an upright round surface; `side` from -256 (left) to 256 (right).
  int on_round(int side) const { return on(side, -256 + absolute(side) / 2); }
};

/// A point on the ground.
struct Place {
  int x = 0, z = 0;
};

class Canvas {
 public:
  Canvas(const Camera& its_camera, const Light& its_light)
      : camera(its_camera), light(its_light), samples_(std::size_t(camera.height) * std::size_t(camera.width)) {}

  const Camera camera;
  const Light light;

  struct Sample {
    std::uint8_t red = 0, green = 0, blue = 0;
    std::int8_t label = unlabeled;
  };
  Sample& at(int y, int x) { return samples_[std::size_t(y) * std::size_t(camera.width) + std::size_t(x)]; }

  /// Paints over a sample; haze in 256ths.
  void put(int y, int x, const Paint& paint, int haze) {
    if (!paint.there) return;
    Sample& s = at(y, x);
    s.label = std::int8_t(paint.label);
    if (paint.cover == 0) return;
    Color c = blend(paint.color, light.horizon, haze);
    if (paint.cover < 256) c = blend({s.red, s.green, s.blue}, c, paint.cover);
    s.red = std::uint8_t(clip(c.red, 0, 255));
    s.green = std::uint8_t(clip(c.green, 0, 255));
    s.blue = std::uint8_t(clip(c.blue, 0, 255));
  }
  int haze(int z) const { return int(std::int64_t(z) * 256 / (z + light.haze)); }

 private:
  std::vector<Sample> samples_;
};

inline constexpr int nearest = 400;  ///< what is closer to the camera is not drawn

namespace detail {

/// The columns that a line on the ground may touch: [first, last], empty where all of it is closer than `nearest`.
struct Columns {
  int first = 0, last = -1;
};

inline Columns columns_of(const Camera& camera, Place a, Place b) {
  if (a.z < nearest && b.z < nearest) return {};
  const auto clipped = [](Place p, Place other) {
    if (p.z >= nearest) return p;
    return Place{p.x + int(std::int64_t(other.x - p.x) * (nearest - p.z) / (other.z - p.z)), nearest};
  };
  const Place c = clipped(a, b), d = clipped(b, a);
  const auto column = [&](Place p) {
    const std::int64_t at = (camera.center + std::int64_t(p.x) * camera.focal / p.z) / 16;
    return at < -2 ? -2 : at > camera.width + 2 ? camera.width + 2 : int(at);
  };
  const int left = column(c), right = column(d);
  const int low = left < right ? left : right, high = left < right ? right : left;
  return {low - 1 < 0 ? 0 : low - 1, high + 1 >= camera.width ? camera.width - 1 : high + 1};
}

}  // namespace detail

/// Paints an upright surface from a to b, from `low` to `high` above the ground. shader(u, v, grain): u from a toward
/// b, v above the ground, grain in millimeters per sample.
template <class Shader>
void paint_wall(Canvas& canvas, Place a, Place b, int low, int high, Shader&& shader) {
  const Camera& camera = canvas.camera;
  a.x += camera.bend(a.z), b.x += camera.bend(b.z);
  const std::int64_t focal = camera.focal, dx = b.x - a.x, dz = b.z - a.z;
  const int length = square_root(dx * dx + dz * dz);
  const detail::Columns columns = detail::columns_of(camera, a, b);
  for (int x = columns.first; x <= columns.last; x++) {
    const std::int64_t ray = 16 * x + 8 - camera.center;  // to the right, for `focal` ahead
    const std::int64_t across = dx * focal - ray * dz;
    if (across == 0) continue;
    const std::int64_t s = (ray * a.z - a.x * focal) * 65536 / across;  // 65536 at b
    if (s < 0 || s > 65536) continue;
    const int z = a.z + int(dz * s >> 16);
    if (z < nearest) continue;
    const int u = int(length * s >> 16), grain = camera.grain(z), haze = canvas.haze(z);
    const std::int64_t top = (camera.horizon + (camera.eye - high) * focal / z) / 16 - 1;
    const std::int64_t bottom = (camera.horizon + (camera.eye - low) * focal / z) / 16 + 1;
    const std::int64_t step = std::int64_t(z) * 4096 / focal;
    const int last = int(bottom < camera.height - 1 ? bottom : camera.height - 1);
    for (int y = top > 0 ? int(top < camera.height ? top : camera.height) : 0; y <= last; y++) {
      const int v = camera.eye - int((16 * y + 8 - camera.horizon) * step >> 12);
      if (v >= low && v < high) canvas.put(y, x, shader(u, v, grain), haze);
    }
  }
}

/// Paints an upright surface that faces the camera, centered at `at`. shader(u, v, grain): u to the right of the
/// center.
template <class Shader>
void paint_board(Canvas& canvas, Place at, int half_width, int low, int high, Shader&& shader) {
  paint_wall(canvas, {at.x - half_width, at.z}, {at.x + half_width, at.z}, low, high,
             [&](int u, int v, int grain) { return shader(u - half_width, v, grain); });
}

/// An edge across the view: its distance and height.
struct Edge {
  int z = 0, y = 0;
};

/// Paints a surface from one edge to another, from `left` to `right`. shader(x, z, grain).
template <class Shader>
void paint_slope(Canvas& canvas, Edge near, Edge far, int left, int right, Shader&& shader) {
  const Camera& camera = canvas.camera;
  const std::int64_t focal = camera.focal, dz = far.z - near.z, dy = far.y - near.y;
  for (int y = 0; y < camera.height; y++) {
    const std::int64_t ray = 16 * y + 8 - camera.horizon;  // downward, for `focal` ahead
    const std::int64_t across = dy * focal + ray * dz;
    if (across == 0) continue;
    const std::int64_t s = ((camera.eye - near.y) * focal - ray * near.z) * 65536 / across;
    if (s < 0 || s > 65536) continue;
    const int z = near.z + int(dz * s >> 16);
    if (z < nearest) continue;
    const int bend = camera.bend(z), grain = camera.grain(z), haze = canvas.haze(z);
    const auto column = [&](int x) {
      const std::int64_t at = (camera.center + std::int64_t(x + bend) * focal / z) / 16;
      return at < 0 ? 0 : at > camera.width - 1 ? camera.width - 1 : int(at);
    };
    const int first = column(left) > 0 ? column(left) - 1 : 0, last = column(right);
    for (int x = first; x <= last; x++) {
      const int across_mm = int((16 * x + 8 - camera.center) * std::int64_t(z) / focal) - bend;
      if (across_mm >= left && across_mm < right) canvas.put(y, x, shader(across_mm, z, grain), haze);
    }
  }
}

/// Darkens the ground in an ellipse around `at`, by strength / 256 in the middle; labels do not change.
inline void paint_shadow(Canvas& canvas, Place at, int half_width, int half_depth, int strength) {
  const Camera& camera = canvas.camera;
  for (int y = camera.horizon / 16 + 1 > 0 ? camera.horizon / 16 + 1 : 0; y < camera.height; y++) {
    const std::int64_t z = std::int64_t(camera.eye) * camera.focal / (16 * y + 8 - camera.horizon);
    if (z < at.z - half_depth || z > at.z + half_depth) continue;
    const int middle = at.x + camera.bend(int(z));
    const std::int64_t from = (camera.center + std::int64_t(middle - half_width) * camera.focal / z) / 16;
    const std::int64_t to = (camera.center + std::int64_t(middle + half_width) * camera.focal / z) / 16 + 1;
    for (int x = from > 0 ? int(from) : 0; x < camera.width && x <= to; x++) {
      const int across = int((16 * x + 8 - camera.center) * z / camera.focal) - middle;
      if (absolute(across) > half_width) continue;
      const std::int64_t a = std::int64_t(across) * 256 / half_width, b = (z - at.z) * 256 / half_depth;
      const std::int64_t distance = (a * a + b * b) / 256;  // 256 on the rim
      if (distance >= 256) continue;
      const int dark = int(distance < 128 ? strength : strength * (256 - distance) / 128);
      Canvas::Sample& s = canvas.at(y, x);
      s.red = std::uint8_t(s.red * (256 - dark) / 256);
      s.green = std::uint8_t(s.green * (256 - dark) / 256);
      s.blue = std::uint8_t(s.blue * (256 - dark) / 256);
    }
  }
}

}  // namespace strata::scene

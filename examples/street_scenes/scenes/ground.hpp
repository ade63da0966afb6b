// SPDX-License-Identifier: MIT
// The bare street: sky, road with its markings, pavements (sidewalks), grass.
#pragma once

#include <vector>

#include "canvas.hpp"

namespace strata::scene {

/// One side of the street; distances are outward from its curb.
struct Roadside {
  int curb = 0;                            ///< x of the edge of the road
  int pavement = 2500;                     ///< width
  int front = 2500;                        ///< where houses begin; a garden or grass lies between
  int junction_from = 0, junction_to = 0;  ///< a side street opens between these z; none where equal

  bool in_junction(int z) const { return z >= junction_from && z < junction_to; }
};

struct Street {
  std::uint64_t seed = 0;
  Roadside sides[2];       ///< left, right
  int center_line = 1700;  ///< x
  Color asphalt = gray(105), slabs{150, 146, 140}, grass{92, 118, 58};
  int dashes = 6000;  ///< from one dash of the center line to the next
  bool yellow_lines = true;
  int zebra = 0;                ///< z of a pedestrian crossing, 0 none
  std::vector<int> heights[2];  ///< of the houses on each side, one per meter ahead, 0 in gaps

  /// x of a point `out` from the curb of a side.
  int beside(int side, int out) const { return side ? sides[1].curb + out : sides[0].curb - out; }
};

inline constexpr int street_end = 320'000;

inline void paint_sky(Canvas& canvas, std::uint64_t seed) {
  const Camera& camera = canvas.camera;
  const Light& light = canvas.light;
  const Color white = blend(light.horizon, gray(250), 150), dark = blend(light.horizon, Color{120, 126, 138}, 140);
  const int rows = clip(camera.horizon / 16 + 2, 0, camera.height);
  for (int y = 0; y < rows; y++) {
    const int up = clip((camera.horizon - 16 * y) * 256 / camera.focal, 0, 1000);  // tangent of the elevation, 256ths
    const Color clear = blend(light.horizon, light.zenith, clip(up * 2, 0, 256));
    const int far = 16'000 / (up + 40);  // clouds are smaller near the horizon
    for (int x = 0; x < camera.width; x++) {
      if (x % 2) {  // the second sample of a pixel repeats the first
        canvas.at(y, x) = canvas.at(y, x - 1);
        continue;
      }
      const int across = (16 * x - camera.center) * 256 / camera.focal * far / 64;
      const int thick = clip((clouds(seed, across, far * 3, 400) - 228 + light.cover) * 5, 0, 256);
      const int body = thick ? clouds(seed + 9, across + 90, far * 3 + 60, 260) : 0;
      canvas.put(y, x, {blend(clear, blend(white, dark, clip((body - 90) * 2, 0, 200)), thick), sky}, 0);
    }
  }
}

namespace detail {

inline Color asphalt_at(const Street& street, int x, int z, int grain) {
  Color c = street.asphalt;
  int light = 256 + (noise(street.seed, x, z, 5000) - 128) / 7 + (noise(street.seed + 1, x, z / 4, 700) - 128) / 10;
  if (grain < 60)
    light +=
        (dice(street.seed + 2, core::floor_divide(x, 30), core::floor_divide(z, 30)) - 128) / (grain < 15 ? 8 : 14);
  if (dice(street.seed + 3, core::floor_divide(x, 1900),
           core::floor_divide(z + core::floor_divide(x, 1900) * 2700, 9000)) < 26)
    light -= 26;  // patch
  return lit(c, light);
}

inline Paint road_at(const Street& street, int x, int z, int grain) {
  const Color bare = asphalt_at(street, x, z, grain);
  const int worn = noise(street.seed + 4, x, z, 900) / 2;  // wear of the paint
  const int left = x - street.sides[0].curb, right = street.sides[1].curb - x;
  const int edge = left < right ? left : right, wheel_width = 70 + grain / 2;
  const Roadside& side = street.sides[left < right ? 0 : 1];
  if (street.zebra && z >= street.zebra && z < street.zebra + 2600)
    return {wrap(x, 1200) < 600 ? blend({225, 225, 220}, bare, worn) : bare, road};
  const bool near_zebra = street.zebra && z >= street.zebra - 1500 && z < street.zebra + 4100;
  if (absolute(x - street.center_line) < wheel_width && !near_zebra && wrap(z, street.dashes) < street.dashes * 5 / 9)
    return {blend({222, 222, 216}, bare, worn), road};
  if (street.yellow_lines && !side.in_junction(z) && !near_zebra && edge > 0 && grain < 60 &&
      (absolute(edge - 280) < 50 + grain / 2 || absolute(edge - 500) < 50 + grain / 2))
    return {blend({205, 178, 70}, bare, worn), road};
  if (edge > 0 && edge < 220) return {lit(bare, 224), road};  // gutter
  const int cell_x = core::floor_divide(x, 2600), cell_z = core::floor_divide(z, 11'000);
  if (dice(street.seed + 5, cell_x, cell_z) < 60 &&
      in_disc(x - cell_x * 2600 - 1300, z - cell_z * 11'000 - 40 * dice(street.seed + 6, cell_x, cell_z), 320, 320))
    return {lit(bare, 165), road};  // manhole
  return {bare, road};
}

inline Color slabs_at(const Street& street, int x, int z, int grain) {
  const int row = core::floor_divide(z, 750), column = core::floor_divide(x + (row & 1) * 300, 600);
  int light = 256 + (noise(street.seed + 10, x, z, 2500) - 128) / 6;
  if (grain < 110) light += (dice(street.seed + 11, row, column) - 128) / 10;
  if (grain < 25 && (wrap(z, 750) < 25 || wrap(x + (row & 1) * 300, 600) < 25)) light -= 50;
  return lit(street.slabs, light);
}

inline Color grass_at(const Street& street, int x, int z, int grain) {
  int light = 240 + (clouds(street.seed + 20, x, z, 1800) - 128) / 3;
  if (grain < 80) light += (dice(street.seed + 21, core::floor_divide(x, 50), core::floor_divide(z, 90)) - 128) / 5;
  return lit(street.grass, light);
}

inline Paint ground_at(const Street& street, int x, int z, int grain) {
  if (x >= street.sides[0].curb && x < street.sides[1].curb) return road_at(street, x, z, grain);
  const Roadside& side = street.sides[x < street.sides[0].curb ? 0 : 1];
  const int out = x < street.sides[0].curb ? street.sides[0].curb - x : x - street.sides[1].curb;
  const int corner = out < 2500 ? 2500 - out : 0;  // curbs are beveled at the corners of a side street
  if (side.junction_to > side.junction_from && z >= side.junction_from - corner && z < side.junction_to + corner) {
    const bool yield_line = out > 500 && out < 700 + grain && wrap(z, 900) < 600;
    return {yield_line ? Color{215, 215, 210} : asphalt_at(street, x, z, grain), road};
  }
  if (out < 160) return {lit({168, 164, 156}, grain < 40 && wrap(z, 900) < 20 ? 200 : 256), pavement};
  if (out < side.pavement) return {slabs_at(street, x, z, grain), pavement};
  return {grass_at(street, x, z, grain), tree};
}

/// How far the shadow of the houses reaches above the ground there; <= 0 in the sun.
inline int depth_of_shadow(const Street& street, const Light& light, int x, int z) {
  if (!light.shadows || absolute(light.sun_x) < 60) return 0;
  const int side = light.sun_x > 0 ? 1 : 0;
  const int across = side ? street.beside(1, street.sides[1].front) - x : x - street.beside(0, street.sides[0].front);
  if (across < 0) return 0;
  const int way = int(std::int64_t(across) * 256 / absolute(light.sun_x));  // toward the sun, to the front
  const int meter = (z + int(std::int64_t(way) * light.sun_z / 256)) / 1000;
  const std::vector<int>& heights = street.heights[side];
  if (meter < 0 || meter >= int(heights.size())) return 0;
  return heights[std::size_t(meter)] - int(std::int64_t(way) * light.sun_y / 256);
}

}  // namespace detail

inline void paint_ground(Canvas& canvas, const Street& street) {
  const Light& light = canvas.light;
  paint_slope(canvas, {nearest, 0}, {street_end, 0}, -400'000, 400'000, [&](int x, int z, int grain) {
    Paint p = detail::ground_at(street, x, z, grain);
    const int shade = clip(detail::depth_of_shadow(street, light, x, z) / 2, 0, 256);
    int bright = light.on_ground() + (light.ambient * 7 / 8 - light.on_ground()) * shade / 256;
    for (int side : {0, 1}) {  // less sky is visible close to a wall
      const int off = side ? street.beside(1, street.sides[1].front) - x : x - street.beside(0, street.sides[0].front);
      if (off >= 0 && off < 1600) bright -= bright * (1600 - off) / 1600 / 5;
    }
    p.color = lit(p.color, bright);
    return p;
  });
}

}  // namespace strata::scene

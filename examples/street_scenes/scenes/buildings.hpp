// SPDX-License-Identifier: MIT
// Houses along the street: a front of windows, doors and shops, an end wall where there is a gap, a roof; and the
// backdrop at the far end of the street.
#pragma once

#include "ground.hpp"

namespace strata::scene {

struct House {
  std::uint64_t seed = 0;
  int side = 0, from = 0, to = 0;  ///< z range
  int front = 0;                   ///< x of the front
  int deep = 10'000;
  int stories = 2, story_height = 2800, bay = 2400;
  Color wall, roof{96, 74, 66}, trim = gray(225);
  bool bricks = true, shop = false, gable = true, flat = false;
  int window_width = 1100, window_height = 1400;

  int eaves() const { return stories * story_height + 300; }
};

namespace detail {

/// Glass in a frame, reflecting the sky in its upper part, sometimes with a curtain. (u, v) from the lower left corner.
inline Color window_at(const House& house, const Light& light, int u, int v, int grain, std::uint64_t which) {
  const int width = house.window_width, height = house.window_height, frame = 60 + grain / 3;
  if (u < frame || v < frame || u >= width - frame || v >= height - frame) return house.trim;
  if (grain < 45 && (absolute(u - width / 2) < 30 || absolute(v - height * 3 / 5) < 30)) return house.trim;
  const int kind = dice(which, 1);
  Color glass = blend({38, 44, 52}, light.horizon, 20 + v * 110 / height + kind / 6);
  if (kind < 90 && (u < width / 5 || u > width * 4 / 5)) glass = blend(glass, {190, 184, 172}, 170);
  if (kind > 225 && v > height / 2) glass = blend(glass, {205, 198, 180}, 200);
  return glass;
}

inline Color masonry_at(const House& house, int u, int v, int grain) {
  int light = 256 + ((grain < 40 ? clouds(house.seed, u, v, 3500) : noise(house.seed, u, v, 3500)) - 128) / 8;
  if (house.bricks && grain < 22) {
    const int course = core::floor_divide(v, 75);
    if (wrap(v, 75) < 12 || wrap(u + (course & 1) * 110, 220) < 12) light += 22;
    light += (dice(house.seed + 1, core::floor_divide(u + (course & 1) * 110, 220), course) - 128) / 7;
  } else if (house.bricks) {
    light += (dice(house.seed + 1, core::floor_divide(u, 110), core::floor_divide(v, 110)) - 128) / 12;
  }
  return lit(house.wall, light);
}

/// A shop front: panes, and a sign board with lettering above.
inline Paint shop_at(const House& house, const Light& light, int u, int v, int grain) {
  const Color board =
      Color{40 + dice(house.seed, 5) * 3 / 4, 30 + dice(house.seed, 6) / 2, 30 + dice(house.seed, 7) / 2};
  if (v > 2550 && v < 3150) {
    const int letter = core::floor_divide(u, 330);
    const bool ink = dice(house.seed + 3, letter) > 70 && v > 2690 && v < 3010 && wrap(u, 330) < 230 &&
                     dice(house.seed + 4, core::floor_divide(u, 80), core::floor_divide(v, 110)) > 80;
    return {ink && grain < 90 ? Color{235, 228, 205} : board, sign};
  }
  if (v < 450 || v > 2450) return {lit(board, 190), building};
  if (wrap(u, 2200) < 110) return {lit(board, 220), building};
  Color glass = blend({30, 34, 40}, light.horizon, 30 + v / 60);
  const int thing = dice(house.seed + 8, core::floor_divide(u, 420), core::floor_divide(v, 500));
  if (v < 1500 && thing > 120) glass = blend(glass, {thing, 255 - thing / 2, 90 + thing / 3}, 70);
  return {glass, building};
}

inline Paint facade_at(const House& house, const Light& light, int u, int v, int grain, int length) {
  if (house.shop && v < 3250) return shop_at(house, light, u, v, grain);
  const int base = house.shop ? 3250 : 0, story = core::floor_divide(v - base, house.story_height);
  if (v >= house.eaves() - 250) return {lit(house.trim, 215), building};  // gutter
  const int bays = clip(length / house.bay, 1, 1000), bay_width = length / bays;
  const int bay = core::floor_divide(u, bay_width), in_bay = wrap(u, bay_width) - (bay_width - house.window_width) / 2;
  const int above = v - base - story * house.story_height, sill = 850;
  if (story == 0 && !house.shop && dice(house.seed + 6, bay / 2) % 2 == (bay & 1)) {
    if (in_bay >= 0 && in_bay < 1000 && above < 2150) {  // door
      const bool panel = in_bay > 150 && in_bay < 850 && wrap(above, 950) > 180;
      const Color paint{40 + dice(house.seed, 9) / 2, 40 + dice(house.seed, 10) / 3, 50 + dice(house.seed, 11) / 3};
      return {above > 1950 ? house.trim : panel ? lit(paint, 230) : paint, building};
    }
    if (in_bay > -250 && in_bay < 1250 && above >= 2150 && above < 2350) return {house.trim, building};
    return {masonry_at(house, u, v, grain), building};
  }
  if (in_bay >= 0 && in_bay < house.window_width && above >= sill && above < sill + house.window_height)
    return {window_at(house, light, in_bay, above - sill, grain,
                      core::mix(house.seed + 7, std::uint64_t(bay * 64 + story))),
            building};
  const bool band = in_bay > -120 && in_bay < house.window_width + 120 &&
                    ((above >= sill - 130 && above < sill) ||
                     (above >= sill + house.window_height && above < sill + house.window_height + 170));
  return {band ? lit(house.trim, 225) : masonry_at(house, u, v, grain), building};
}

inline Paint tiles_at(const House& house, int u, int v, int grain) {
  int light = 256 + (clouds(house.seed + 12, u, v, 2500) - 128) / 6;
  if (grain < 40 && wrap(v, 240) < 50) light -= 40;
  return {lit(house.roof, light), building};
}

}  // namespace detail

/// The wall that faces the camera: plain or with windows, pointed under a gabled roof.
inline void paint_end_wall(Canvas& canvas, const House& house) {
  const int out = house.side ? 1 : -1, light = canvas.light.on(0, -256), eaves = house.eaves();
  const int ridge = house.gable ? house.deep * 2 / 5 : 0;
  paint_wall(canvas, {house.front, house.from}, {house.front + out * house.deep, house.from}, 0, eaves + ridge,
             [&](int u, int v, int grain) {
               if (v >= eaves && (v - eaves) * house.deep > ridge * 2 * (u < house.deep / 2 ? u : house.deep - u))
                 return nothing;
               const bool windows = dice(house.seed, 30) > 90 && v < eaves && u > 1200 && u < house.deep - 1200;
               House plain = house;
               plain.shop = false, plain.bay = 4200;
               Paint p = windows ? detail::facade_at(plain, canvas.light, u, v, grain, house.deep)
                                 : Paint{detail::masonry_at(house, u, v, grain), building};
               p.color = lit(p.color, light);
               return p;
             });
}

inline void paint_chimney(Canvas& canvas, const House& house, int z) {
  const int out = house.side ? 1 : -1, light = canvas.light.on(0, -256), top = house.eaves() + house.deep / 5;
  paint_board(canvas, {house.front + out * house.deep / 4, z}, 550, house.eaves(), top + 1500,
              [&](int u, int v, int grain) {
                const bool pot = v > top + 1100;
                if (pot && wrap(u + 550, 360) > 220) return nothing;
                return Paint{lit(pot ? Color{150, 96, 70} : detail::masonry_at(house, u, v, grain), light), building};
              });
}

/// One piece of the front: the bend of the street is drawn as a polygon.
inline void paint_front(Canvas& canvas, const House& house, int from, int to) {
  const int light = canvas.light.on(house.side ? -256 : 256, 0), eaves = house.eaves();
  const int roof = house.flat ? 0 : 900;
  paint_wall(canvas, {house.front, from}, {house.front, to}, 0, eaves + roof, [&](int u, int v, int grain) {
    Paint p = v >= eaves
                  ? detail::tiles_at(house, u + from, v, grain)
                  : detail::facade_at(house, canvas.light, u + from - house.from, v, grain, house.to - house.from);
    p.color = lit(p.color, v < 1200 ? light * (206 + v / 24) / 256 : light);
    return p;
  });
}

/// Closes the view: a row of houses across it, between trees.
inline void paint_backdrop(Canvas& canvas, std::uint64_t seed, int z) {
  const int light = canvas.light.on(0, -256), half = 300'000;
  paint_board(canvas, {0, z}, half, 0, 30'000, [&](int u, int v, int) {
    const int lot = core::floor_divide(u, 14'000), in_lot = wrap(u, 14'000), kind = dice(seed, lot);
    const int wood = 3500 + clouds(seed + 1, u, 0, 16'000) * 40 + noise(seed + 2, u, 0, 900) * 5;
    const int wall = 5000 + (kind % 4) * 2600, roof = kind & 16 ? 3600 : 0;
    const int edge = in_lot < 7000 ? in_lot : 14'000 - in_lot;
    if (kind < 150 && edge > 900) {
      if (v < wall) {
        const bool window = wrap(in_lot, 2600) > 1400 && wrap(v, 2700) > 1200;
        const Color c{110 + dice(seed + 3, lot) / 3, 95 + dice(seed + 4, lot) / 4, 82 + dice(seed + 5, lot) / 4};
        return Paint{lit(window ? Color{60, 66, 74} : c, light), building};
      }
      if (v < wall + roof && v - wall < (edge - 900)) return Paint{lit({98, 78, 70}, light), building};
    }
    if (v < wood) return Paint{lit({66, 84, 52}, light * (160 + noise(seed + 6, u, v, 1500) / 2) / 256), tree};
    return nothing;
  });
}

}  // namespace strata::scene

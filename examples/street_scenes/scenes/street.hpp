// SPDX-License-Identifier: MIT
// Fills a street: houses with gardens on both sides, then what stands on the pavement.
#pragma once

#include "plan.hpp"

namespace strata::scene::detail {

enum class District { terraces, villas, center, leafy };

inline House choose_house(core::Random& random, District district) {
  static constexpr Color brick[] = {{146, 88, 68},   {164, 106, 78},  {128, 78, 64},
                                    {186, 160, 118}, {172, 142, 104}, {150, 122, 96}};
  static constexpr Color stucco[] = {{214, 206, 190}, {198, 186, 164}, {206, 196, 178},
                                     {176, 168, 156}, {188, 176, 170}, {150, 148, 146}};
  static constexpr Color tiles[] = {{98, 76, 68}, {120, 74, 58}, {82, 80, 84}, {70, 70, 74}};
  House h;
  h.seed = random.next();
  h.bricks = chance(random, 65);
  h.wall = h.bricks ? one_of(random, brick) : one_of(random, stucco);
  const Color weather = gray(between(random, 60, 200));
  h.wall = blend(h.wall, weather, between(random, 0, 60));
  h.roof = one_of(random, tiles);
  h.trim = gray(between(random, 190, 238));
  h.story_height = between(random, 2600, 3100);
  h.bay = between(random, 1900, 3200);
  h.window_width = h.bay * between(random, 38, 62) / 100;
  h.window_height = between(random, 1150, 1600);
  h.deep = between(random, 8000, 12'000);
  if (district == District::center) {
    h.stories = between(random, 3, 5), h.shop = chance(random, 55), h.flat = chance(random, 55);
    h.gable = !h.flat;
  } else {
    h.stories = chance(random, 55) ? 3 : 2;
  }
  return h;
}

inline void add_house(core::Random& random, Plan& plan, const House& h) {
  std::vector<int>& heights = plan.street.heights[h.side];
  heights.resize(150);
  for (int meter = clip(h.from / 1000, 0, 150); meter < clip(h.to / 1000, 0, 150); meter++)
    heights[std::size_t(meter)] = h.eaves();
  plan.add(h.from + 1, [h](Canvas& c) { paint_end_wall(c, h); });
  const int pieces = (h.to - h.from + 3999) / 4000;
  for (int k = 0; k < pieces; k++) {
    const int from = h.from + (h.to - h.from) * k / pieces, to = h.from + (h.to - h.from) * (k + 1) / pieces;
    plan.add(to, [h, from, to](Canvas& c) { paint_front(c, h, from, to); });
  }
  if (!h.flat && chance(random, 60)) {
    const int z = h.from + between(random, 1000, h.to - h.from - 600);
    plan.add(h.to + 2, [h, z](Canvas& c) { paint_chimney(c, h, z); });
  }
}

inline Crown choose_tree(core::Random& random, Place at) {
  static constexpr Color leaves[] = {{66, 92, 42},   {84, 106, 48},  {58, 80, 46},
                                     {104, 112, 52}, {120, 100, 44}, {72, 84, 50}};
  Crown t;
  t.at = at, t.seed = random.next();
  t.height = between(random, 4500, 11'000);
  t.half_width = t.height * between(random, 26, 42) / 100;
  t.trunk = t.height / 50 + between(random, 0, 60);
  t.leaves = one_of(random, leaves);
  return t;
}

inline void add_tree(core::Random& random, Plan& plan, Place at) {
  const Crown t = choose_tree(random, at);
  plan.add(at.z, [t, at](Canvas& c) {
    if (c.light.shadows)
      paint_shadow(c, {at.x - c.light.sun_x * 8, at.z - c.light.sun_z * 6}, t.half_width, t.half_width, 96);
    paint_tree(c, t);
  });
}

/// What lies between the pavement and the house fronts: a hedge or fence, sometimes a tree. `from`, `to`: z range.
inline void add_garden(core::Random& random, Plan& plan, int side, int from, int to, District district) {
  const Roadside& r = plan.street.sides[side];
  const int edge = plan.street.beside(side, r.pavement + 100), kind = between(random, 0, 99);
  const std::uint64_t seed = random.next();
  for (int z = from; z < to; z += 4000) {
    const int end = z + 4000 < to ? z + 4000 : to;
    const Place a{edge, z}, b{edge, end};
    if (kind < (district == District::leafy ? 40 : 15)) {
      const int height = 900 + dice(seed, 1) * 5;
      plan.add(end, [=](Canvas& c) { paint_hedge(c, seed, a, b, height, {70, 92, 46}); });
    } else if (kind < 92) {
      const Barrier barrier = kind < 58 ? Barrier::railings : kind < 76 ? Barrier::boards : Barrier::low_wall;
      plan.add(end, [=](Canvas& c) { paint_barrier(c, seed, barrier, a, b); });
    }
  }
  const int room = r.front - r.pavement;
  if (room > 2200 && chance(random, district == District::leafy ? 60 : 25))
    add_tree(random, plan,
             {plan.street.beside(side, r.pavement + between(random, 900, room)), between(random, from, to)});
}

inline void add_houses(core::Random& random, Plan& plan, int side, District district) {
  Roadside& r = plan.street.sides[side];
  if (district != District::center) r.front += chance(random, 65) ? between(random, 1200, 4000) : 0;
  if (district == District::leafy) r.front += between(random, 1000, 4000);
  int z = between(random, -9000, 0);
  while (z < 150'000) {
    const bool corner = r.junction_to > r.junction_from && z < r.junction_to && z > r.junction_from - 5000;
    if (corner) z = r.junction_to + between(random, 300, 1500);
    int to = z + (district == District::terraces ? between(random, 9000, 22'000)
                  : district == District::center ? between(random, 8000, 20'000)
                                                 : between(random, 7000, 13'000));
    if (z < r.junction_from && to > r.junction_from) to = r.junction_from;
    const bool behind_trees = district == District::leafy && chance(random, 25);
    if (!behind_trees) {
      House h = choose_house(random, district);
      h.side = side, h.from = z, h.to = to, h.front = plan.street.beside(side, r.front);
      if (corner) h.deep = 30'000;  // a row along the side street
      add_house(random, plan, h);
    }
    const int gap = district == District::villas  ? between(random, 2000, 6000)
                    : district == District::leafy ? between(random, 2000, 7000)
                    : chance(random, 20)          ? between(random, 1500, 5000)
                                                  : 0;
    if (r.front > r.pavement + 500) add_garden(random, plan, side, z, to, district);
    if (gap > 2500 || behind_trees)
      for (int t = behind_trees ? z : to; t < to + gap && t < 140'000; t += between(random, 2200, 5500))
        add_tree(random, plan, {plan.street.beside(side, r.front + between(random, 500, 6000)), t});
    z = to + gap;
  }
}

inline void add_furniture(core::Random& random, Plan& plan, int side) {
  const Roadside& r = plan.street.sides[side];
  const auto place = [&](int out, int z) { return Place{plan.street.beside(side, out), z}; };
  const auto add = [&](Place at, auto paint) {
    if (plan.on_pavement(side, at.z)) plan.add(at.z, [=](Canvas& c) { paint(c, at); });
  };
  if (chance(random, 60)) {
    const int every = between(random, 24'000, 36'000), height = between(random, 5000, 8500);
    const Color own = chance(random, 50) ? Color{70, 78, 76} : Color{140, 144, 144};
    for (int z = between(random, 6000, 20'000); z < 110'000; z += every)
      add(place(450, z), [=](Canvas& c, Place at) { paint_lamp(c, at, height, own); });
  }
  for (int k = between(random, -2, 1); k > 0; k--) {
    const int z = between(random, 8000, 60'000), out = between(random, 300, 700), high = between(random, 7000, 9000);
    add(place(out, z), [=](Canvas& c, Place at) { paint_post(c, at, 95, 0, high, {96, 82, 66}); });
  }
  for (int k = between(random, 0, 3); k > 0; k--) {
    static constexpr Plate plates[] = {Plate::limit, Plate::warning, Plate::order, Plate::parking, Plate::direction};
    const Plate plate = one_of(random, plates);
    const int z = between(random, 6500, 50'000), high = between(random, 2000, 2900), out = between(random, 300, 800);
    const std::uint64_t seed = random.next();
    add(place(out, z), [=](Canvas& c, Place at) { paint_sign(c, seed, plate, at, high); });
  }
  const int stop = plan.street.zebra ? plan.street.zebra - 500 : r.junction_from - 1800;
  if (stop > 5000 && chance(random, 60)) {
    const int lamp = between(random, 0, 2);
    for (int z : {stop, stop + 12'000})
      add(place(500, z), [=](Canvas& c, Place at) { paint_traffic_light(c, at, lamp); });
  }
  if (chance(random, 55)) {
    const int from = between(random, 4000, 22'000), to = from + between(random, 6000, 22'000);
    const Barrier kind = chance(random, 75) ? Barrier::railings : Barrier::guard_rail;
    const std::uint64_t seed = random.next();
    for (int z = from; z < to; z += 3000)
      if (plan.on_pavement(side, z))
        add(place(300, z + 3000), [=](Canvas& c, Place far) { paint_barrier(c, seed, kind, {far.x, z}, far); });
  }
  if (chance(random, 25))
    for (int z = between(random, 5000, 20'000), k = between(random, 3, 9); k > 0; k--, z += 1700)
      add(place(350, z), [](Canvas& c, Place at) { paint_bollard(c, at); });
  if (chance(random, 40)) {
    const int z = between(random, 6000, 30'000);
    const Color own = chance(random, 50) ? Color{40, 66, 48} : Color{48, 48, 52};
    add(place(r.pavement - 500, z), [=](Canvas& c, Place at) { paint_bin(c, at, own); });
  }
  if (chance(random, 36) && r.pavement > 2600)
    for (int z = between(random, 6000, 16'000), every = between(random, 9000, 16'000); z < 100'000; z += every)
      if (plan.on_pavement(side, z)) add_tree(random, plan, place(800, z));
}

}  // namespace strata::scene::detail

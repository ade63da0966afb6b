// SPDX-License-Identifier: MIT
// Plans a scene: a random street, and everything in it with the depth at which it is painted. Each statement draws at
// most one random number, or several in braces: C++ does not specify the evaluation order of operands and arguments.
#pragma once

#include <algorithm>
#include <functional>
#include <vector>

#include "buildings.hpp"
#include "people.hpp"
#include "roadside.hpp"
#include "vehicles.hpp"

namespace strata::scene {

/// What is painted; things are painted from far to near.
struct Thing {
  int z = 0;
  std::function<void(Canvas&)> paint;
};

struct Plan {
  Camera camera;
  Light light;
  Street street;
  int lane_left = 0, lane_right = 3300;  ///< x of the middle of our lane and of the oncoming one
  bool parked[2] = {false, false};
  std::vector<Thing> things;

  template <class Paint>
  void add(int z, Paint paint) {
    things.push_back({z, std::move(paint)});
  }
  /// False where a side street opens.
  bool on_pavement(int side, int z) const {
    return z < street.sides[side].junction_from - 1500 || z > street.sides[side].junction_to + 1500;
  }
};

namespace detail {

inline Camera choose_camera(core::Random& random, int height, int width) {
  const int base = clip(width, height * 4 / 3, height * 2);
  Camera c;
  c.height = height, c.width = width;
  c.focal = base * between(random, 1300, 1700) / 100;
  c.center = width * between(random, 700, 900) / 100;
  c.horizon = height * between(random, 745, 875) / 100;
  c.eye = between(random, 1250, 1500);
  if (chance(random, 40)) {
    c.radius = between(random, 180'000, 700'000);
    if (chance(random, 50)) c.radius = -c.radius;
  }
  return c;
}

inline Light choose_light(core::Random& random) {
  static constexpr int circle[16][2] = {{0, 256},    {98, 237},  {181, 181},  {237, 98},   {256, 0},     {237, -98},
                                        {181, -181}, {98, -237}, {0, -256},   {-98, -237}, {-181, -181}, {-237, -98},
                                        {-256, 0},   {-237, 98}, {-181, 181}, {-98, 237}};
  const auto& sun = one_of(random, circle);
  Light l;
  l.sun_x = sun[0], l.sun_z = sun[1];
  const int mood = between(random, 0, 99);
  if (mood < 40) {  // clear
    l.ambient = 150, l.direct = 120, l.sun_y = between(random, 180, 420), l.cover = between(random, 40, 110);
    l.zenith = {72, 122, 196}, l.horizon = {184, 206, 226}, l.tint = {262, 257, 248};
  } else if (mood < 70) {  // overcast
    l.ambient = 205, l.direct = 18, l.shadows = false, l.cover = between(random, 130, 220), l.haze = 160'000;
    l.zenith = {176, 184, 194}, l.horizon = {218, 222, 224}, l.tint = {250, 254, 258};
  } else if (mood < 88) {  // low sun
    l.ambient = 128, l.direct = 150, l.sun_y = between(random, 90, 170), l.cover = between(random, 60, 120),
    l.haze = 200'000;
    l.zenith = {104, 132, 186}, l.horizon = {246, 214, 170}, l.tint = {272, 250, 222};
  } else {  // dusk
    l.ambient = 122, l.direct = 40, l.shadows = false, l.cover = between(random, 90, 160), l.haze = 180'000;
    l.zenith = {70, 86, 128}, l.horizon = {176, 160, 168}, l.tint = {238, 244, 268};
  }
  return l;
}

inline void choose_street(core::Random& random, Plan& plan) {
  Street& s = plan.street;
  s.seed = random.next();
  const int lane = between(random, 2700, 3200);
  plan.parked[0] = chance(random, 28), plan.parked[1] = chance(random, 45);
  s.center_line = lane / 2 + between(random, -100, 300);
  plan.lane_right = s.center_line + lane / 2;
  s.sides[0].curb = -lane / 2 - between(random, 0, 500) - (plan.parked[0] ? 2100 : 0);
  s.sides[1].curb = s.center_line + lane + between(random, 0, 400) + (plan.parked[1] ? 2100 : 0);
  for (Roadside& side : s.sides) {
    side.pavement = between(random, 2200, 4800);
    side.front = side.pavement;
    if (chance(random, 35)) {
      side.junction_from = between(random, 13'000, 48'000);
      side.junction_to = side.junction_from + between(random, 6500, 9000);
    }
  }
  s.asphalt = gray(between(random, 84, 128));
  s.asphalt = blend(s.asphalt, {112, 104, 100}, between(random, 0, 120));
  s.slabs = gray(between(random, 128, 164));
  s.slabs = blend(s.slabs, {164, 146, 126}, between(random, 0, 160));
  s.grass = {between(random, 74, 108), between(random, 102, 130), between(random, 44, 68)};
  s.dashes = chance(random, 60) ? 6000 : 9000;
  s.yellow_lines = chance(random, 45);
  if (chance(random, 22)) s.zebra = between(random, 9000, 30'000);
}

}  // namespace detail

}  // namespace strata::scene

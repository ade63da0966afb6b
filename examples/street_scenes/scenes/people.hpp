// SPDX-License-Identifier: MIT
// Pedestrians and cyclists, made of limbs.
#pragma once

#include "canvas.hpp"

namespace strata::scene {

struct Person {
  Place at;
  int height = 1720;
  int stride = 250;  ///< how far the feet are apart
  int facing = 0;    ///< 0 along the street, -1 to the left, 1 to the right
  Color top{60, 70, 110}, legs{44, 46, 58}, skin{206, 160, 132}, hair{60, 44, 34};
  bool bag = false, skirt = false;
};

inline void paint_person(Canvas& canvas, const Person& p) {
  const int unit = p.height;  // body parts are in 1000ths of it
  paint_board(canvas, p.at, unit * 45 / 100, 0, unit + 20, [&](int mm_u, int mm_v, int) {
    const int u = int(std::int64_t(mm_u) * 1000 / unit), v = int(std::int64_t(mm_v) * 1000 / unit);
    const int step = p.stride * 1000 / unit, swing = p.facing ? p.facing * 14 : 0;
    const auto show = [&](Color c, int shade = 256) {
      return Paint{lit(c, canvas.light.on_round(clip(u * 2, -256, 256)) * shade / 256), pedestrian};
    };
    if (in_disc(u - swing * 2, v - 930, 58, 70)) return show(v > 955 || absolute(u) > 48 ? p.hair : p.skin);
    if (in_limb(u, v, swing, 850, swing * 2, 880, 34)) return show(p.skin);
    const int spread = p.facing ? step / 2 : 52, hand = p.facing ? -step / 2 : 150;
    if (in_limb(u, v, 95 * !p.facing + swing, 800, hand, 500, 32)) return show(v < 530 ? p.skin : p.top, 230);
    if (in_limb(u, v, -65, 780, -50, 560, 62) || in_limb(u, v, 65, 780, 50, 560, 62) ||
        in_limb(u, v, 0, 790, 0, 540, 80))
      return show(p.top);
    if (in_limb(u, v, -95 * !p.facing + swing, 800, -hand, 500, 32)) return show(v < 530 ? p.skin : p.top, 215);
    if (p.bag && in_limb(u, v, -130, 470, -130, 400, 55)) return show({70, 40, 36});
    if (p.skirt && v < 560 && v > 330 && absolute(u) < 95 + (560 - v) / 5) return show(p.legs);
    if (in_limb(u, v, -45, 530, -spread, 40, v < 250 ? 40 : 54)) return show(v < 45 ? gray(34) : p.legs, 235);
    if (in_limb(u, v, 45, 530, spread, 40, v < 250 ? 40 : 54)) return show(v < 45 ? gray(34) : p.legs);
    return nothing;
  });
}

struct Cyclist {
  Place at;
  int facing = 0;  ///< 0 along the street, -1 to the left, 1 to the right
  bool oncoming = false;
  Color top{190, 60, 50}, legs{36, 38, 46}, skin{206, 160, 132}, helmet{225, 225, 220}, frame{40, 60, 120};
};

namespace detail {

/// Seen from the side, riding to the right.
inline Paint rider_from_aside(const Cyclist& c, const Light& light, int u, int v, int grain) {
  const auto show = [&](Color own, int shade = 256) {
    return Paint{lit(own, light.on(0, -256) * shade / 256), bicyclist};
  };
  const int thin = 20 + grain / 3;
  if (in_limb(u, v, 190, 1630, 230, 1590, 115)) return show(v > 1640 ? c.helmet : c.skin);
  if (in_limb(u, v, 120, 1370, 480, 1080, 52)) return show(v < 1180 ? c.skin : c.top, 225);  // arm
  if (in_limb(u, v, -200, 960, 110, 1370, 145)) return show(c.top);
  if (in_limb(u, v, -190, 930, 150, 700, 82) || in_limb(u, v, 150, 700, 40, 330, 60)) return show(c.legs);
  if (in_limb(u, v, 40, 300, 140, 270, 48)) return show(gray(40));
  if (in_limb(u, v, -190, 930, 0, 640, 78) || in_limb(u, v, 0, 640, -110, 280, 58)) return show(c.legs, 190);
  if (in_limb(u, v, -210, 890, -20, 300, thin) || in_limb(u, v, -20, 300, 400, 850, thin) ||
      in_limb(u, v, -190, 830, 400, 880, thin) || in_limb(u, v, 380, 980, 540, 345, thin) ||
      in_limb(u, v, -20, 300, -540, 345, thin) || in_limb(u, v, 330, 1040, 480, 1070, thin))
    return show(c.frame);
  for (int wheel : {-540, 540}) {
    if (!in_disc(u - wheel, v - 345, 345, 345)) continue;
    if (!in_disc(u - wheel, v - 345, 345 - thin * 2, 345 - thin * 2)) return show(gray(26));
    return Paint{gray(120), bicyclist, grain < 30 && dice(7, u / 40, v / 40) > 220 ? 120 : 20};
  }
  return nothing;
}

/// Seen from behind or from the front.
inline Paint rider_from_behind(const Cyclist& c, const Light& light, int u, int v, int grain) {
  const auto show = [&](Color own, int shade = 256) {
    return Paint{lit(own, light.on_round(clip(u, -256, 256)) * shade / 256), bicyclist};
  };
  if (in_disc(u, v - 1610, 110, 135)) return show(v > 1620 ? c.helmet : c.oncoming ? c.skin : Color{70, 52, 40});
  if (in_limb(u, v, -165, 1360, -290, 1080, 55) || in_limb(u, v, 165, 1360, 290, 1080, 55)) return show(c.top, 225);
  if (in_limb(u, v, -120, 1360, -90, 1000, 110) || in_limb(u, v, 120, 1360, 90, 1000, 110)) return show(c.top);
  if (in_limb(u, v, -300, 1030, 300, 1030, 24 + grain / 3)) return show(gray(40));
  if (in_limb(u, v, -110, 950, -135, 640, 88) || in_limb(u, v, -135, 640, -120, 280, 62)) return show(c.legs);
  if (in_limb(u, v, 110, 950, 135, 760, 88) || in_limb(u, v, 135, 760, 120, 420, 62)) return show(c.legs, 225);
  if (in_limb(u, v, 0, 640, 0, 30, 30 + grain / 2)) return show(gray(30));
  if (in_limb(u, v, 0, 930, 0, 560, 22 + grain / 3)) return show(c.frame);
  if (!c.oncoming && in_disc(u, v - 720, 45, 45)) return show({220, 40, 36});
  return nothing;
}

}  // namespace detail

inline void paint_cyclist(Canvas& canvas, const Cyclist& c) {
  paint_board(canvas, c.at, c.facing ? 920 : 420, 0, 1780, [&](int u, int v, int grain) {
    return c.facing ? detail::rider_from_aside(c, canvas.light, u * c.facing, v, grain)
                    : detail::rider_from_behind(c, canvas.light, u, v, grain);
  });
}

}  // namespace strata::scene

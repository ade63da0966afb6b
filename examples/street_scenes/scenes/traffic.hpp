// SPDX-License-Identifier: MIT
// The traffic of a street: vehicles in lanes, parked at the curb and coming out of side streets, pedestrians, cyclists.
#pragma once

#include "plan.hpp"

namespace strata::scene::detail {

inline Color choose_cloth(core::Random& random) {
  static constexpr Color cloth[] = {{36, 38, 46},   {60, 66, 92},  {150, 40, 44},   {210, 206, 196}, {70, 92, 70},
                                    {186, 140, 60}, {96, 70, 110}, {120, 120, 124}, {52, 86, 128},   {24, 24, 28}};
  return one_of(random, cloth);
}
inline Color choose_skin(core::Random& random) {
  static constexpr Color skin[] = {{222, 178, 150}, {204, 158, 128}, {160, 114, 84}, {104, 72, 54}};
  return one_of(random, skin);
}

inline Vehicle choose_vehicle(core::Random& random, bool may_be_tall) {
  static constexpr Color paints[] = {{186, 190, 194}, {40, 42, 46}, {214, 214, 210}, {46, 66, 120},   {150, 32, 34},
                                     {94, 100, 106},  {28, 60, 48}, {122, 134, 150}, {176, 160, 128}, {70, 20, 30}};
  Vehicle v;
  const int kind = between(random, 0, 99);
  v.body = kind < 42                   ? Body::hatchback
           : kind < 66                 ? Body::sedan
           : kind < 82 || !may_be_tall ? Body::wagon
           : kind < 95                 ? Body::van
                                       : Body::bus;
  v.paint = one_of(random, paints);
  if (v.body == Body::van && chance(random, 60)) v.paint = gray(216);
  if (v.body == Body::bus) v.paint = chance(random, 60) ? Color{176, 30, 34} : Color{40, 88, 140};
  return v;
}

inline void add_vehicle(Plan& plan, const Vehicle& v) {
  const int middle = v.crossing ? v.at.z : v.at.z + v.length() / 2;
  plan.add(middle, [v](Canvas& c) { paint_vehicle(c, v); });
}

/// A lane of vehicles, one behind the other.
inline void add_lane(core::Random& random, Plan& plan, int x, bool oncoming, int first, int least, int most) {
  for (int z = first; z < 130'000;) {
    Vehicle v = choose_vehicle(random, z > 14'000);
    v.at = {x + between(random, -200, 200), z}, v.oncoming = oncoming;
    add_vehicle(plan, v);
    z += v.length() + between(random, least, most);
  }
}

inline void add_parked(core::Random& random, Plan& plan, int side) {
  const int x = plan.street.sides[side].curb + (side ? -1050 : 1050);
  for (int z = between(random, 1500, 9000); z < 90'000;) {
    Vehicle v = choose_vehicle(random, z > 12'000 && chance(random, 40));
    v.at = {x + between(random, -80, 80), z};
    v.oncoming = side ? chance(random, 75) : chance(random, 12);
    const bool in_the_way =
        plan.street.zebra && z < plan.street.zebra + 5000 && z + v.length() > plan.street.zebra - 2500;
    if (v.body != Body::bus && plan.on_pavement(side, z) && plan.on_pavement(side, z + v.length()) && !in_the_way)
      add_vehicle(plan, v);
    z += v.length() + (chance(random, 75) ? between(random, 500, 1500) : between(random, 4000, 18'000));
  }
}

inline void add_vehicles(core::Random& random, Plan& plan) {
  if (chance(random, 70)) add_lane(random, plan, 0, false, between(random, 9000, 50'000), 6000, 45'000);
  if (chance(random, 75)) add_lane(random, plan, plan.lane_right, true, between(random, 7000, 50'000), 7000, 60'000);
  for (int side : {0, 1})
    if (plan.parked[side]) add_parked(random, plan, side);
  for (int side : {0, 1}) {
    const Roadside& r = plan.street.sides[side];
    if (r.junction_to == r.junction_from || !chance(random, 55)) continue;
    Vehicle v = choose_vehicle(random, true);
    v.crossing = side ? -1 : 1;
    v.at = {plan.street.beside(side, between(random, 1500, 6000)), (r.junction_from + r.junction_to) / 2};
    add_vehicle(plan, v);
  }
}

inline Person choose_person(core::Random& random, Place at) {
  static constexpr Color hair[] = {{40, 30, 26}, {84, 58, 38}, {150, 116, 70}, {120, 116, 112}, {24, 22, 24}};
  Person p;
  p.at = at;
  p.height = chance(random, 12) ? between(random, 1100, 1450) : between(random, 1580, 1880);
  p.stride = between(random, 80, 700) * p.height / 1720;
  p.facing = between(random, -1, 1);
  p.top = choose_cloth(random), p.legs = choose_cloth(random), p.skin = choose_skin(random),
  p.hair = one_of(random, hair);
  p.bag = chance(random, 35), p.skirt = chance(random, 18);
  return p;
}

inline void add_person(core::Random& random, Plan& plan, Place at) {
  const Person p = choose_person(random, at);
  plan.add(at.z, [p](Canvas& c) {
    paint_shadow(c, p.at, 420, 300, 110);
    paint_person(c, p);
  });
}

inline void add_people(core::Random& random, Plan& plan) {
  for (int side : {0, 1}) {
    const Roadside& r = plan.street.sides[side];
    for (int k = between(random, 0, 4); k > 0; k--) {
      const bool far = chance(random, 50);
      const int z = between(random, 5500, far ? 65'000 : 20'000);
      const int out = between(random, 700, r.pavement - 500);
      add_person(random, plan, {plan.street.beside(side, out), z});
      if (chance(random, 35))
        add_person(random, plan,
                   {plan.street.beside(side, out) + between(random, 450, 700), z + between(random, -200, 500)});
    }
  }
  const int walk = plan.street.zebra ? plan.street.zebra + 1300 : between(random, 12'000, 45'000);
  if (chance(random, plan.street.zebra ? 75 : 15))
    for (int k = between(random, 1, 3); k > 0; k--)
      add_person(
          random, plan,
          {between(random, plan.street.sides[0].curb, plan.street.sides[1].curb), walk + between(random, -900, 900)});
}

inline void add_cyclist(core::Random& random, Plan& plan, Place at, int facing, bool oncoming) {
  Cyclist c;
  c.at = at, c.facing = facing, c.oncoming = oncoming;
  c.top = choose_cloth(random), c.legs = choose_cloth(random), c.skin = choose_skin(random),
  c.frame = choose_cloth(random);
  c.helmet = chance(random, 60) ? Color{225, 225, 220} : Color{60, 46, 36};
  plan.add(at.z, [c](Canvas& canvas) {
    paint_shadow(canvas, c.at, c.facing ? 900 : 380, 500, 110);
    paint_cyclist(canvas, c);
  });
}

inline void add_cyclists(core::Random& random, Plan& plan) {
  const int left = plan.street.sides[0].curb + (plan.parked[0] ? 2600 : 650);
  const int right = plan.street.sides[1].curb - (plan.parked[1] ? 2600 : 650);
  if (chance(random, 55))
    for (int k = between(random, 1, 2), z = between(random, 5000, 16'000); k > 0;
         k--, z += between(random, 3000, 14'000))
      add_cyclist(random, plan, {left + between(random, -200, 300), z}, 0, false);
  if (chance(random, 28))
    add_cyclist(random, plan, {right + between(random, -300, 200), between(random, 7000, 30'000)}, 0, true);
  if (chance(random, 12)) {
    const int facing = chance(random, 50) ? 1 : -1;
    add_cyclist(
        random, plan,
        {between(random, plan.street.sides[0].curb, plan.street.sides[1].curb), between(random, 10'000, 28'000)},
        facing, false);
  }
}

}  // namespace strata::scene::detail

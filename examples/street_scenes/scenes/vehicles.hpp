// SPDX-License-Identifier: MIT
// Cars, vans and buses: a box with a profile along its side, slopes for the hood and windshields, a front and a rear.
#pragma once

#include "canvas.hpp"

namespace strata::scene {

enum class Body { hatchback, sedan, wagon, van, bus };

struct Vehicle {
  Body body = Body::hatchback;
  Place at;  ///< middle of the nearer end; of the whole vehicle when it crosses
  bool oncoming = false;
  int crossing = 0;  ///< seen from the side, driving to the left (-1) or the right (1); 0 along the street
  Color paint = gray(150);

  bool tall() const { return body == Body::van || body == Body::bus; }
  int length() const {
    return body == Body::bus ? 10'500 : body == Body::van ? 5200 : body == Body::hatchback ? 3900 : 4500;
  }
  int half_width() const { return body == Body::bus ? 1250 : body == Body::van ? 1000 : 870; }
  int belt() const { return body == Body::bus ? 1250 : body == Body::van ? 1200 : 920; }  ///< where windows begin
  int roof() const { return body == Body::bus ? 3000 : body == Body::van ? 2100 : body == Body::wagon ? 1500 : 1430; }
  int wheel() const { return body == Body::bus ? 480 : body == Body::van ? 350 : 310; }  ///< radius
  int hood() const { return body == Body::bus ? 0 : body == Body::van ? 500 : 950; }     ///< length
  int trunk() const { return body == Body::sedan ? 800 : 60; }
  int rear_window() const { return body == Body::wagon ? 260 : 480; }  ///< length, seen from above
};

namespace detail {

inline Color glass_at(const Light& light, int share_up) {
  return blend({26, 32, 38}, light.horizon, 20 + share_up / 2);
}

/// s from the front bumper backward.
inline Paint vehicle_side_at(const Vehicle& c, const Light& light, int s, int v, int brightness) {
  const int length = c.length(), belt = c.belt(), roof = c.roof(), wheel = c.wheel(), hood = c.hood(),
            trunk = c.trunk();
  const auto show = [&](Color own, int shade = 256) { return Paint{lit(own, brightness * shade / 256), car}; };
  for (int axle : {hood / 2 + 380 + wheel, length - 500 - wheel - (c.tall() ? length / 12 : 0)}) {
    if (in_disc(s - axle, v - wheel, wheel * 3 / 5, wheel * 3 / 5)) return show(gray(150 + (s - axle + v) % 60 / 2));
    if (in_disc(s - axle, v - wheel, wheel, wheel)) return show(gray(28));
    if (v > wheel && in_disc(s - axle, v - wheel, wheel + 60, wheel + 60)) return show(gray(18));
  }
  if (v < 190) return nothing;
  const int nose = c.tall() ? belt : belt - 210 + (hood ? clip(s, 0, hood) * 210 / hood : 0);
  const int corner = s < 70 ? (70 - s) * 2 : s > length - 70 ? (s - length + 70) * 2 : 0;
  if (v < (nose < belt ? nose : belt) - corner) {
    if (v < 330) return show(blend(c.paint, gray(40), 170));
    const bool door = !c.tall() && (absolute(s - length * 43 / 100) < 10 || absolute(s - length * 66 / 100) < 10);
    const bool handle =
        absolute(v - 790) < 22 && (absolute(s - length * 62 / 100) < 70 || absolute(s - length * 41 / 100) < 70);
    return show(c.paint, door || handle ? 175 : v > belt - 130 ? 280 : 220 + v * 36 / belt);
  }
  if (v < belt) return nothing;
  const int up = v - belt, high = roof - belt;
  const int front = hood + up * (c.body == Body::bus ? 60 : 720) / high;
  const int rear = length - trunk - up * (c.tall() ? 40 : c.rear_window()) / high;
  if (s < front || s > rear || v > roof) return nothing;
  const bool panel = c.body == Body::van && s > length * 2 / 5;
  const bool pillar = c.body == Body::bus
                          ? wrap(s, 1500) < 110
                          : absolute(s - length * 45 / 100) < 45 || (!c.tall() && absolute(s - length * 67 / 100) < 45);
  const int rim = c.body == Body::bus ? 350 : 75;
  if (panel || pillar || s < front + 90 || s > rear - 110 || v > roof - rim || v < belt + 25) return show(c.paint, 250);
  return show(glass_at(light, up * 150 / high));
}

/// The nearer end. u from the middle.
inline Paint vehicle_end_at(const Vehicle& c, const Light& light, int u, int v, int brightness) {
  const int half = c.half_width(), x = absolute(u), belt = c.belt(), roof = c.roof();
  const auto show = [&](Color own, int shade = 256) { return Paint{lit(own, brightness * shade / 256), car}; };
  if (v < 210)
    return x > half - 240 && x < half - 40 ? show(gray(26)) : v > 140 && x < half - 60 ? show(gray(32)) : nothing;
  const int rounding = v < 320 ? (320 - v) / 2 : v > roof - 200 ? (v - roof + 200) / 2 : 0;
  if (x > half - rounding) return nothing;
  const Color plate = c.oncoming ? gray(222) : Color{226, 190, 60};
  if (x < 260 && v > 440 && v < 560)
    return show(x < 230 && absolute(v - 500) < 30 && wrap(u, 70) < 42 ? gray(40) : plate);
  if (v < 430) return show(blend(c.paint, gray(45), 130), 220);
  if (c.body == Body::bus && v > 2550 && v < 2850 && x < half - 250)
    return show(wrap(u, 170) < 90 && v > 2620 && v < 2780 ? Color{250, 190, 60} : gray(24));
  if (c.tall() && v > belt && v < roof - 350 && x < half - 110) {
    if (c.oncoming || x > 40) return show(glass_at(light, (v - belt) * 150 / (roof - belt)));
  }
  if (c.oncoming) {
    if (x > half - 390 && x < half - 50 && v > 560 && v < 720) return show({236, 238, 232}, x > half - 200 ? 230 : 270);
    if (x < half - 420 && v > 580 && v < 700) return show(wrap(v, 40) < 20 ? gray(70) : gray(34));
  } else {
    if (x > half - 230 && x < half - 40 && v > 600 && v < (c.tall() ? 1000 : 830))
      return show(v > 760 ? Color{230, 120, 50} : Color{200, 24, 26});
    if (absolute(v - 640) < 9 && x < half - 260) return show(c.paint, 170);
  }
  return show(c.paint, v > belt - 120 && v < belt ? 285 : 215 + v * 40 / roof);
}

/// Hood or trunk lid, and the windshield or rear window, of vehicles that are not tall().
inline void paint_vehicle_slopes(Canvas& canvas, const Vehicle& c) {
  const int half = c.half_width(), belt = c.belt(), roof = c.roof(), z = c.at.z;
  const int deck = c.oncoming ? c.hood() : c.trunk(), nose = c.oncoming ? belt - 210 : belt;
  const int screen = c.oncoming ? 720 : c.rear_window();
  const int light = canvas.light.on(0, -256), above = canvas.light.on_ground();
  paint_slope(canvas, {z + deck, belt}, {z + deck + screen, roof}, c.at.x - half, c.at.x + half,
              [&](int x, int at, int) {
                const int share = clip((at - z - deck) * 256 / screen, 0, 256), own = half - 60 - share * 50 / 256,
                          side = absolute(x - c.at.x);
                if (side > own) return nothing;
                if (side > own - 70 || share > 225) return Paint{lit(c.paint, light * 9 / 8), car};
                const bool head = share > 60 && share < 190 && in_disc(side - 380, share - 110, 110, 70);
                return Paint{lit(head ? gray(34) : glass_at(canvas.light, share * 200 / 256), light), car};
              });
  paint_slope(canvas, {z, nose}, {z + deck, belt}, c.at.x - half, c.at.x + half, [&](int x, int, int) {
    const int side = absolute(x - c.at.x);
    if (side > half - 30) return nothing;
    return Paint{lit(c.paint, above * (absolute(side - half / 2) < 20 && c.oncoming ? 230 : 262) / 256), car};
  });
}

}  // namespace detail

inline void paint_vehicle(Canvas& canvas, const Vehicle& c) {
  const int half = c.half_width(), length = c.length(), belt = c.belt(), roof = c.roof();
  const Light& light = canvas.light;
  if (c.crossing) {
    paint_shadow(canvas, {c.at.x, c.at.z + half}, length / 2 + 200, half + 300, 150);
    paint_board(canvas, c.at, length / 2, 0, roof + 20, [&](int u, int v, int) {
      return detail::vehicle_side_at(c, light, c.crossing > 0 ? length / 2 - u : length / 2 + u, v, light.on(0, -256));
    });
    return;
  }
  paint_shadow(canvas, {c.at.x, c.at.z + length / 2}, half + 300, length / 2 + 350, 165);
  const int bent = canvas.camera.bend(c.at.z), side = c.at.x + bent + half < 0 ? 1 : c.at.x + bent - half > 0 ? -1 : 0;
  if (side) {
    const int lum = light.on(side * 256, 0);
    const auto along = [&](int inset, int low, int high) {
      const int x = c.at.x + side * (half - inset);
      paint_wall(canvas, {x, c.at.z}, {x, c.at.z + length}, low, high, [&](int u, int v, int) {
        return detail::vehicle_side_at(c, light, c.oncoming ? u : length - u, v, lum);
      });
    };
    if (!c.tall()) {
      const int front = c.oncoming ? c.hood() : 0, back = c.oncoming ? 0 : c.hood();
      paint_slope(canvas, {c.at.z + front, belt}, {c.at.z + length - back, belt}, c.at.x - half, c.at.x + half,
                  [&](int, int, int) {
                    return Paint{lit(c.paint, light.on_ground() * 9 / 8), car};
                  });
    }
    along(c.tall() ? 0 : 110, belt, roof + 20);
    along(0, 0, belt);
  }
  if (!c.tall()) detail::paint_vehicle_slopes(canvas, c);
  const int lum = light.on(0, -256), top = c.tall() ? roof : c.oncoming ? belt - 210 : belt;
  paint_board(canvas, c.at, half, 0, top,
              [&](int u, int v, int) { return detail::vehicle_end_at(c, light, u, v, lum); });
}

}  // namespace strata::scene

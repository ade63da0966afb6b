// SPDX-License-Identifier: MIT
// What stands beside the road: trees and hedges, fences and low walls, lamps and posts, signs and traffic lights, bins.
#pragma once

#include "ground.hpp"

namespace strata::scene {

struct Crown {
  Place at;
  int height = 7000, half_width = 2600, trunk = 150;  ///< trunk: half its width
  Color leaves{72, 96, 46};
  std::uint64_t seed = 0;
};

inline void paint_tree(Canvas& canvas, const Crown& t) {
  const int half_height = t.height * 3 / 8, middle = t.height - half_height, reach = t.half_width * 5 / 4;
  paint_board(canvas, t.at, reach, 0, t.height + half_height / 4, [&](int u, int v, int grain) {
    const int ragged = 150 + noise(t.seed, u, v, t.half_width / 2 + 1) / 2 + noise(t.seed + 1, u, v, 420) / 4 +
                       (grain < 90 ? noise(t.seed + 6, u, v, 130) / 7 : 18) - 30;  // 256ths
    const int x = u, y = v - middle;
    if (in_disc(x, y, t.half_width * ragged / 256, half_height * ragged / 256)) {
      const int clump = noise(t.seed + 2, u, v, t.half_width / 3 + 1);
      const int fine = grain < 160 ? (noise(t.seed + 3, u, v, 170) + noise(t.seed + 4, u, v, 75)) / 2 : 128;
      if (fine + clump < 100 && grain < 90) return nothing;  // the sky shows through
      const int side = clip(x * 256 / t.half_width, -256, 256), up = clip(y * 100 / half_height, -100, 100);
      const int light = canvas.light.on_round(side) * (190 + up / 2 + (clump - 128) / 2 + (fine - 128) * 2 / 3) / 256;
      return Paint{lit(t.leaves, light), tree};
    }
    if (v < middle && absolute(u) < t.trunk + (v < 300 ? (300 - v) / 4 : 0)) {
      const int light = canvas.light.on_round(clip(u * 256 / t.trunk, -256, 256));
      return Paint{lit({92, 78, 62}, light * (200 + noise(t.seed + 5, u * 4, v, 200) / 3) / 256), tree};
    }
    return nothing;
  });
}

/// A hedge or a row of bushes along the street.
inline void paint_hedge(Canvas& canvas, std::uint64_t seed, Place a, Place b, int height, Color leaves) {
  const int light = canvas.light.on(a.x < 0 ? 256 : -256, 0);
  paint_wall(canvas, a, b, 0, height * 5 / 4, [&](int u, int v, int grain) {
    if (v > height - height * noise(seed, u, 0, 1300) / 700 + noise(seed + 1, u, v, 260)) return nothing;
    const int fine = grain < 120 ? noise(seed + 2, u, v, 90) : 128;
    const int shade = 150 + v * 90 / height + (noise(seed + 3, u, v, 500) - 128) / 3 + (fine - 128) / 2;
    return Paint{lit(leaves, light * shade / 256), tree};
  });
}

enum class Barrier { railings, boards, guard_rail, low_wall };

inline void paint_barrier(Canvas& canvas, std::uint64_t seed, Barrier kind, Place a, Place b) {
  const int light = canvas.light.on(a.x < 0 ? 256 : -256, 0);
  const int height = kind == Barrier::boards ? 1500 : kind == Barrier::low_wall ? 800 : 1150;
  const Color own = kind == Barrier::boards     ? Color{126 + dice(seed, 1) / 8, 98, 68}
                    : kind == Barrier::low_wall ? Color{140, 92, 74}
                    : dice(seed, 2) < 128       ? Color{52, 58, 60}
                                                : Color{138, 142, 144};
  paint_wall(canvas, a, b, 0, height, [&](int u, int v, int grain) {
    const int side = light * (236 + (dice(seed, u / 150, 3) - 128) / 8) / 256;
    switch (kind) {
      case Barrier::boards:
        return Paint{lit(own, wrap(u, 150) < 14 + grain / 4 && grain < 90 ? side / 2 : side), fence};
      case Barrier::low_wall:
        return Paint{
            lit(v > 720 ? Color{168, 162, 150} : own, grain < 22 && v <= 720 && wrap(v, 75) < 12 ? side * 9 / 8 : side),
            building};
      case Barrier::guard_rail:
        if (v > 450 && v < 800) return Paint{lit(gray(165 - absolute(v - 625) / 6), side), fence};
        return wrap(u, 2000) < 130 && v <= 450 ? Paint{lit(gray(120), side), fence} : nothing;
      case Barrier::railings: break;
    }
    const int bar = 16 + grain / 3;
    const bool solid =
        v > height - 60 - grain / 3 || (v > 120 && v < 180 + grain / 3) || wrap(u, 130) < bar || wrap(u, 1900) < 70;
    return Paint{lit(own, side), fence, solid ? 256 : grain > 60 ? 110 : 0};
  });
}

/// An upright round post.
inline void paint_post(Canvas& canvas, Place at, int half_width, int low, int high, Color own, int label = pole) {
  const int least = canvas.camera.grain(at.z) * 9 / 8;  // thinner posts would have gaps
  const int half = half_width > least ? half_width : least;
  paint_board(canvas, at, half, low, high, [&](int u, int, int) {
    return Paint{lit(own, canvas.light.on_round(clip(u * 256 / half, -256, 256))), label};
  });
}

/// A street lamp whose arm reaches over the road.
inline void paint_lamp(Canvas& canvas, Place at, int height, Color own) {
  const int arm = at.x < 0 ? 1500 : -1500, thick = 50 + canvas.camera.grain(at.z);
  paint_post(canvas, at, 60, 0, height, own);
  paint_post(canvas, at, 90, 0, 1100, own);
  paint_board(canvas, at, 2200, height - 100, height + 500, [&](int u, int v, int) {
    if (in_limb(u, v, 0, height - 50, arm, height + 250, thick)) return Paint{lit(own, canvas.light.ambient), pole};
    if (in_disc(u - arm, v - height - 240, 420, 120)) return Paint{lit(gray(190), canvas.light.ambient), pole};
    return nothing;
  });
}

/// The kind of a sign's plate, whose middle paint_sign() puts `high` above the ground.
enum class Plate { limit, warning, order, direction, parking };

inline void paint_sign(Canvas& canvas, std::uint64_t seed, Plate plate, Place at, int high) {
  const Light& light = canvas.light;
  const int size = plate == Plate::direction ? 900 : plate == Plate::parking ? 300 : 380, lum = light.on(0, -256);
  paint_post(canvas, at, 40, 0, high, {128, 130, 130});
  paint_board(canvas, at, size, high - size, high + size, [&](int u, int v, int) {
    const int x = u, y = v - high;
    const auto show = [&](Color c) { return Paint{lit(c, lum), sign}; };
    const bool writing = dice(seed, core::floor_divide(x, size / 5), core::floor_divide(y, size / 3)) > 96;
    const Color red{196, 34, 40}, white = gray(228), blue{26, 74, 156}, green{16, 96, 66}, black = gray(30);
    switch (plate) {
      case Plate::limit:
        if (!in_disc(x, y, size, size)) return nothing;
        if (!in_disc(x, y, size * 3 / 4, size * 3 / 4)) return show(red);
        return show(absolute(y) < size * 2 / 5 && absolute(x) < size / 2 && writing ? black : white);
      case Plate::warning: {
        const int half = (size - y) / 2;  // half the width of the triangle at this height
        if (y < -size * 4 / 5 || absolute(x) > half) return nothing;
        if (y < -size * 3 / 5 || absolute(x) > half - size / 4) return show(red);
        return show(absolute(x) < size / 9 ? black : white);
      }
      case Plate::order:
        if (!in_disc(x, y, size, size)) return nothing;
        return show(in_limb(x, y, -size / 2, -size / 3, size / 2, size / 3, size / 7) ? white : blue);
      case Plate::direction: {
        if (absolute(y) > size / 2) return nothing;
        const bool rim = absolute(y) > size * 2 / 5 || absolute(x) > size * 9 / 10;
        const bool ink = writing && wrap(y, size / 3) < size / 6 && absolute(x) < size * 3 / 4;
        return show(rim || ink ? white : dice(seed, 7) < 128 ? green : blue);
      }
      case Plate::parking: break;
    }
    const bool letter =
        (absolute(x + size / 4) < size / 7 && absolute(y) < size * 3 / 5) ||
        (in_disc(x, y - size / 4, size * 2 / 5, size * 2 / 5) && !in_disc(x, y - size / 4, size / 6, size / 6));
    return show(letter ? white : blue);
  });
}

inline void paint_traffic_light(Canvas& canvas, Place at, int lamp) {
  paint_post(canvas, at, 60, 0, 2300, {70, 72, 74});
  const int lum = canvas.light.on(0, -256);
  paint_board(canvas, at, 260, 2150, 3250, [&](int u, int v, int) {
    for (int k = 0; k < 3; k++)
      if (in_disc(u, v - 2370 - k * 320, 120, 120)) {
        const Color on[3] = {{60, 230, 120}, {250, 180, 50}, {245, 50, 40}},
                    off[3] = {{20, 52, 34}, {66, 50, 18}, {66, 20, 18}};
        return Paint{k == lamp ? on[k] : lit(off[k], lum), sign};
      }
    return Paint{lit(absolute(u) > 215 ? gray(205) : gray(26), lum), sign};
  });
}

inline void paint_bollard(Canvas& canvas, Place at) {
  paint_post(canvas, at, 80, 0, 950, {44, 46, 48});
  paint_post(canvas, at, 85, 760, 840, {220, 216, 205});
}

/// A trash bin: CamVid has no class for it, so it is void.
inline void paint_bin(Canvas& canvas, Place at, Color own) {
  paint_board(canvas, at, 300, 0, 1050, [&](int u, int v, int) {
    if (absolute(u) > 250 + v / 20) return nothing;
    const int light = canvas.light.on_round(u * 256 / 300);
    return Paint{lit(own, v > 930 ? light * 5 / 4 : wrap(u + 300, 120) < 20 ? light * 3 / 4 : light), unlabeled};
  });
}

}  // namespace strata::scene

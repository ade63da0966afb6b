// SPDX-License-Identifier: MIT
// A drawn street as an image and its label map. The same seed, index and size give the same bytes on every machine.
#pragma once

#include <cstdint>

#include <strata/core/error.hpp>
#include "street.hpp"
#include "traffic.hpp"

namespace strata {

namespace scene {

inline constexpr int smallest_side = 32, largest_side = 4096;

inline void check_size(int height, int width) {
  if (height < smallest_side || width < smallest_side || height > largest_side || width > largest_side)
    throw Error("a drawn scene of ", height, " x ", width, " pixels; each side must be from ", smallest_side, " to ",
                largest_side);
}

inline Plan make_plan(std::uint64_t seed, std::uint64_t index, int height, int width) {
  core::Random random{core::mix(seed, index)};
  Plan plan;
  plan.camera = detail::choose_camera(random, height, width);
  plan.light = detail::choose_light(random);
  detail::choose_street(random, plan);
  static constexpr detail::District districts[] = {detail::District::terraces, detail::District::villas,
                                                   detail::District::center, detail::District::center,
                                                   detail::District::leafy};
  const detail::District one = one_of(random, districts), other = chance(random, 55) ? one : one_of(random, districts);
  detail::add_houses(random, plan, 0, one);
  detail::add_houses(random, plan, 1, other);
  for (int side : {0, 1}) detail::add_furniture(random, plan, side);
  detail::add_vehicles(random, plan);
  detail::add_people(random, plan);
  detail::add_cyclists(random, plan);
  std::stable_sort(plan.things.begin(), plan.things.end(), [](const Thing& a, const Thing& b) { return a.z > b.z; });
  return plan;
}

/// In some scenes, the edge of the camera car's hood at the bottom of the image: void.
inline void paint_hood(Canvas& canvas, core::Random& random) {
  if (!chance(random, 45)) return;
  const int width = canvas.camera.width, height = canvas.camera.height, rise = height * between(random, 2, 6) / 100;
  const Color own = gray(between(random, 30, 80));
  for (int x = 0; x < width; x++) {
    const int from_middle = (2 * x - width) * 256 / width,
              top = height - rise + rise * from_middle / 256 * from_middle / 256;
    for (int y = top; y < height; y++)
      canvas.put(y, x, {lit(blend(own, canvas.light.horizon, 60), 256 - (y - top) * 90 / (rise + 1)), unlabeled}, 0);
  }
}

/// The label of a pixel from its four samples: one that three share; else a pole or sign that two share; else void.
inline int label_of(const int (&labels)[4]) {
  for (int k = 0; k < 2; k++) {
    int same = 0;
    for (int other : labels) same += other == labels[k];
    if (same >= 3) return labels[k];
  }
  for (int thin : {int(pole), int(sign)}) {
    int same = 0;
    for (int other : labels) same += other == thin;
    if (same == 2) return thin;
  }
  return unlabeled;
}

}  // namespace scene

/// Draws scene `index` of the seed: rgb[height][width][3] and labels[height][width], CamVid's classes 0 ... 10 or -1
/// for void. Throws Error where a side is not from 32 to 4096.
inline void draw_scene(std::uint64_t seed, std::uint64_t index, int height, int width, std::uint8_t* rgb,
                       std::int32_t* labels) {
  using namespace scene;
  check_size(height, width);
  const Plan plan = make_plan(seed, index, 2 * height, 2 * width);
  Canvas canvas(plan.camera, plan.light);
  paint_sky(canvas, plan.street.seed + 100);
  paint_ground(canvas, plan.street);
  paint_backdrop(canvas, plan.street.seed + 200, 210'000);
  for (const Thing& thing : plan.things) thing.paint(canvas);
  core::Random random{core::mix(seed, index), 1ull << 32};
  paint_hood(canvas, random);
  const std::uint64_t grains = random.next();
  const int contrast = between(random, 0, 70), noise_level = between(random, 3, 9);
  for (int y = 0; y < height; y++)
    for (int x = 0; x < width; x++) {
      int sum[3] = {}, of_samples[4];
      for (int k = 0; k < 4; k++) {
        const Canvas::Sample& s = canvas.at(2 * y + k / 2, 2 * x + k % 2);
        sum[0] += s.red, sum[1] += s.green, sum[2] += s.blue;
        of_samples[k] = s.label;
      }
      const int tint[3] = {plan.light.tint.red, plan.light.tint.green, plan.light.tint.blue};
      const std::uint64_t word = core::mix(grains, (std::uint64_t(y) << 32) + std::uint64_t(x));
      for (int k = 0; k < 3; k++) {
        const int grain = int((word >> (16 * k)) & 255) + int((word >> (16 * k + 8)) & 255) - 255;
        const int value = sum[k] / 4 * tint[k] / 256;
        rgb[3 * (long(y) * width + x) + k] =
            std::uint8_t(clip(value + (value - 112) * contrast / 256 + grain * noise_level / 256, 0, 255));
      }
      labels[long(y) * width + x] = label_of(of_samples);
    }
}

}  // namespace strata

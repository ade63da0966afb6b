// SPDX-License-Identifier: MIT
#include "drawings.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <strata/core/random.hpp>

namespace zoo {

namespace {

constexpr float pi = 3.14159265f;

using RGB = std::array<float, 3>;

/// Numbers of a drawing.
struct Pencil {
  strata::core::Random random;

  float between(float least, float most) { return least + (most - least) * random.uniform(); }
  RGB color() { return {between(20, 235), between(20, 235), between(20, 235)}; }
};

/// Two colors that differ enough to be told apart: by 60 or more in their sum's third.
std::array<RGB, 2> two_colors(Pencil& pencil) {
  for (;;) {
    const RGB a = pencil.color(), b = pencil.color();
    if (std::fabs(a[0] + a[1] + a[2] - b[0] - b[1] - b[2]) >= 180) return {a, b};
  }
}

/// A color changes only where these of a class are true: (u, v) is the point in units of the shape's radius, turned.
bool inside(int kind, float u, float v) {
  const float r = std::sqrt(u * u + v * v), angle = std::atan2(v, u);
  const auto wave = [](float x) { return x - std::floor(x); };
  switch (kind) {
    case 0: return (wave(u) < 0.5f) != (wave(v) < 0.5f);                                                      // checks
    case 1: return std::min(std::fabs(u), std::fabs(v)) < 0.28f && std::max(std::fabs(u), std::fabs(v)) < 1;  // cross
    case 2: return r < 0.9f;                                                                                  // disc
    case 3: return std::hypot(wave(u) - 0.5f, wave(v) - 0.5f) < 0.28f;                                        // dots
    case 4:
      return std::max(std::fabs(u), std::fabs(v)) < 0.9f && std::max(std::fabs(u), std::fabs(v)) > 0.58f;  // frame
    case 5: return r < 0.95f && r > 0.6f;                                                                  // ring
    case 6: return r < 0.72f + 0.38f * std::cos(5 * angle);                                                // star
    case 7: return wave(u) < 0.5f;                                                                         // stripes
    case 8: return v < 0.5f && std::fabs(u) < (v + 1) * 0.577f;                                            // triangle
    default: return wave(u + 0.35f * std::sin(2 * pi * v * 0.5f)) < 0.5f;                                  // waves
  }
}

bool fills_the_image(int kind) { return kind == 0 || kind == 3 || kind == 7 || kind == 9; }

}  // namespace

std::vector<std::uint8_t> drawing(int kind, std::uint64_t seed, std::uint64_t number, int size) {
  Pencil pencil{{strata::core::mix(seed, number), std::uint64_t(kind) << 32}};
  const std::array<RGB, 2> colors = two_colors(pencil);
  const RGB bar = pencil.color();
  const float side = float(size), turn = pencil.between(0, 2 * pi);
  const float radius = side * (fills_the_image(kind) ? pencil.between(0.12f, 0.3f) : pencil.between(0.18f, 0.42f));
  const float room = fills_the_image(kind) ? 0.5f * side : 0.5f * side - 0.8f * radius;
  const float x0 = 0.5f * side + pencil.between(-room, room), y0 = 0.5f * side + pencil.between(-room, room);
  const float stretch = pencil.between(0.8f, 1.25f);
  const float bar_turn = pencil.between(0, pi), bar_at = side * pencil.between(-0.4f, 0.4f),
              bar_width = side * pencil.between(0.01f, 0.05f);
  const float light = pencil.between(-0.4f, 0.4f), light_turn = pencil.between(0, 2 * pi),
              noise = pencil.between(4, 28);
  std::vector<std::uint8_t> out(3 * std::size_t(size) * std::size_t(size));
  for (int y = 0; y < size; y++)
    for (int x = 0; x < size; x++) {
      RGB sum{};
      for (const float dy : {0.25f, 0.75f})
        for (const float dx : {0.25f, 0.75f}) {  // four samples, for smooth edges
          const float px = float(x) + dx - x0, py = float(y) + dy - y0;
          const float u = (px * std::cos(turn) + py * std::sin(turn)) / radius * stretch,
                      v = (py * std::cos(turn) - px * std::sin(turn)) / radius / stretch;
          const float qx = float(x) + dx - 0.5f * side, qy = float(y) + dy - 0.5f * side;
          const bool on_bar = std::fabs(qx * std::cos(bar_turn) + qy * std::sin(bar_turn) - bar_at) < bar_width;
          const RGB& color = on_bar ? bar : colors[inside(kind, u, v) ? 1 : 0];
          for (std::size_t c = 0; c < 3; c++) sum[c] += color[c] / 4;
        }
      const float along =
          ((float(x) / side - 0.5f) * std::cos(light_turn) + (float(y) / side - 0.5f) * std::sin(light_turn));
      for (std::size_t c = 0; c < 3; c++) {
        const float value = sum[c] * (1 + light * along) + pencil.between(-noise, noise);
        out[3 * (std::size_t(y) * std::size_t(size) + std::size_t(x)) + c] =
            std::uint8_t(std::clamp(value + 0.5f, 0.f, 255.f));
      }
    }
  return out;
}

}  // namespace zoo

// SPDX-License-Identifier: MIT
// Mean and variance of each channel over the batch. Each lane of a group has its own mean and sum of squares around
// that mean; lanes, groups and chunks are merged as in Chan, Golub and LeVeque (1979), so a large mean costs no
// precision.
#pragma once

#include <strata/cpu/lanes/call.hpp>

namespace strata::cpu::lanes {

/// Mean and sum of squared deviations of `count` numbers.
struct Moments {
  double count = 0, mean = 0, squares = 0;

  constexpr void merge(const Moments& other) {
    const double total = count + other.count, delta = other.mean - mean;
    if (total == 0) return;
    mean += delta * other.count / total;
    squares += other.squares + delta * delta * count * other.count / total;
    count = total;
  }
};

/// The partial sum of a chunk: one Moments per channel.
inline Moments* moments(float* partial) { return reinterpret_cast<Moments*>(partial); }
constexpr long moments_floats(int channels) { return channels * long(sizeof(Moments) / sizeof(float)); }

STRATA_ONCE void batch_statistics(const Call& call);

#if STRATA_HAS_BODIES

/// Merges `pixels` elements per lane into `to`, given as the sum and the sum of squares of (x - shift).
inline void merge_lanes(Vector shift, Vector sum, Vector squares, int pixels, int images, Vector present, Moments& to) {
  const Vector n(1.f / float(pixels)), mean = sum * n;
  const Vector means = shift + mean;
  const float average = core::simd::sum(means * present) / float(images);
  const Vector away = (means - Vector(average)) * present;
  const float within = core::simd::sum((squares - sum * mean) * present), between = core::simd::sum(away * away);
  // average is rounded, so the deviations from it need not sum to zero
  const double rest = double(core::simd::sum(away)) / images;
  to.merge({double(images) * pixels, average + rest,
            double(within) + double(pixels) * (double(between) - rest * rest * images)});
}

/// Adds the group's moments to those of the chunk.
STRATA_ONCE void batch_statistics(const Call& call) {
  const Node& node = *call.node;
  if (graph::keeps_statistics(node, call.step->keeps_statistics)) return;
  const int pixels = node.in.pixels();
  const Vector present = mask(call.images);
  const float* x = call.inputs[Input::x];
  for (int c = 0; c < node.in.channels; c++) {
    const Vector shift = core::simd::load(x);
    Vector sum[4], squares[4];
    core::simd::unroll<4>([&](auto i) STRATA_INLINE_LAMBDA { sum[i] = squares[i] = Vector(0.f); });
    int p = 0;
    for (; p + 4 <= pixels; p += 4, x += 4 * width)
      core::simd::unroll<4>([&](auto i) STRATA_INLINE_LAMBDA {
        const Vector v = core::simd::load(x + i * width) - shift;
        sum[i] = sum[i] + v;
        squares[i] = core::simd::fma(v, v, squares[i]);
      });
    for (; p < pixels; p++, x += width) {
      const Vector v = core::simd::load(x) - shift;
      sum[0] = sum[0] + v;
      squares[0] = core::simd::fma(v, v, squares[0]);
    }
    merge_lanes(shift, (sum[0] + sum[1]) + (sum[2] + sum[3]), (squares[0] + squares[1]) + (squares[2] + squares[3]),
                pixels, call.images, present, moments(call.partial)[c]);
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

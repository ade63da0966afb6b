// SPDX-License-Identifier: MIT
// The three register tiles that do nearly all the arithmetic. Accumulators are vectors over the images of a group: a
// weight is a broadcast and a pixel is a vector, without shuffles or partial vectors. Loop bounds are run-time values;
// only the extent of a tile is a template argument, so all layers share these few functions.
#pragma once

#include <strata/cpu/lanes/call.hpp>
#include <strata/cpu/tiles.hpp>

namespace strata::cpu::lanes {

inline constexpr int tile_out = register_tiles.lanes_outputs;  ///< output channels of a tile
inline constexpr int tile_pixels = lanes_pixels;               ///< pixels of a tile (taps in the weight gradient)
inline constexpr int dense_out = register_tiles.lanes_dense;   ///< outputs of a tile of a dense layer

/// sum[o][i] += sum over k of weights[k][o] * pixel[i][offset[k]]
template <int Out, int Pixels>
[[gnu::always_inline]] inline void multiply(const float* const (&pixel)[std::size_t(Pixels)], const int* offset,
                                            int count, const float* weights,
                                            Vector (&sum)[std::size_t(Out)][std::size_t(Pixels)]) {
  for (const int* const end = offset + count; offset != end; offset++, weights += Out) {
    Vector x[std::size_t(Pixels)];
    core::simd::unroll<Pixels>([&](auto i)
                                   STRATA_INLINE_LAMBDA { x[i] = core::simd::load(pixel[i] + *offset), pin(x[i]); });
    core::simd::unroll<Out>([&](auto o) STRATA_INLINE_LAMBDA {
      const Vector w(weights[o]);
      core::simd::unroll<Pixels>([&](auto i) STRATA_INLINE_LAMBDA { sum[o][i] = core::simd::fma(w, x[i], sum[o][i]); });
    });
  }
}

/// sum[o] += sum over k of weights[k * weights_step + o] * x[k]
template <int Out>
[[gnu::always_inline]] inline void multiply(const float* x, int count, const float* weights, long weights_step,
                                            Vector (&sum)[std::size_t(Out)]) {
  for (const float* const end = x + long(count) * width; x != end; x += width, weights += weights_step) {
    Vector v = core::simd::load(x);
    pin(v);
    core::simd::unroll<Out>([&](auto o)
                                STRATA_INLINE_LAMBDA { sum[o] = core::simd::fma(Vector(weights[o]), v, sum[o]); });
  }
}

/// sum[o][t] += sum over p of dy[o][p] * x[t][place[p]]; consecutive o are `plane` floats apart. One loop covers all
/// pixels, because rows of 7 pixels are too short for an inner loop.
template <int Out, int Taps>
[[gnu::always_inline]] inline void correlate(const float* dy, long plane, const float* const (&x)[std::size_t(Taps)],
                                             const int* place, int pixels,
                                             Vector (&sum)[std::size_t(Out)][std::size_t(Taps)]) {
  for (const int* const end = place + pixels; place != end; place++, dy += width) {
    const long at = *place;
    Vector v[std::size_t(Taps)];
    core::simd::unroll<Taps>([&](auto t) STRATA_INLINE_LAMBDA { v[t] = core::simd::load(x[t] + at), pin(v[t]); });
    core::simd::unroll<Out>([&](auto o) STRATA_INLINE_LAMBDA {
      Vector d = core::simd::load(dy + o * plane);
      pin(d);
      core::simd::unroll<Taps>([&](auto t) STRATA_INLINE_LAMBDA { sum[o][t] = core::simd::fma(d, v[t], sum[o][t]); });
    });
  }
}

}  // namespace strata::cpu::lanes

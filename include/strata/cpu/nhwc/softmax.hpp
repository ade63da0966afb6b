// SPDX-License-Identifier: MIT
// Softmax over the channels of each pixel, and its gradient. The head of a network may enlarge and crop its scores
// first: crop(resize(x)) is computed pixel by pixel and never stored.
#pragma once

#include <strata/cpu/nhwc/resize.hpp>

namespace strata::cpu::nhwc {

/// The number of channels, rounded up to whole vectors.
constexpr int padded(int channels) { return core::round_up(channels, width); }
/// The score of padding channels: its exponential is 0, and it does not overflow when it is interpolated.
inline constexpr float padding_score = -1e30f;

STRATA_ONCE void softmax(const Call& call, core::Team& team);
STRATA_ONCE void softmax_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// The maximum of a padded pixel, and the sum of y = exp(x - maximum).
struct Exponentials {
  float most, total;
};
[[gnu::always_inline]] inline Exponentials exponentials(const float* x, int channels, float* y) {
  Vector most = core::simd::loadu(x);
  for (int c = width; c < channels; c += width) most = maximum(most, core::simd::loadu(x + c));
  const float top = greatest(most);
  Vector total(0.f);
  for (int c = 0; c < channels; c += width) {
    const Vector e = exponential(core::simd::loadu(x + c) - Vector(top));
    total = total + e;
    core::simd::storeu(y + c, e);
  }
  return {top, core::simd::sum(total)};
}

/// Mixes rows of x into the row that row y of the enlarged map reads: (in.width, whole), padded with padding_score.
inline void mix_score_rows(const Node& node, const float* x, int y, int whole, float* mixed) {
  const Mix rows = mix_of(y, node.factor, node.in.height, node.mode);
  const int channels = node.in.channels;
  const long row = long(node.in.width) * channels;
  const float *top = x + rows.at[0] * row, *bottom = x + rows.at[1] * row;
  for (int p = 0; p < node.in.width; p++, top += channels, bottom += channels, mixed += whole) {
    for (int c = 0; c < channels; c++) mixed[c] = rows.weight[0] * top[c] + rows.weight[1] * bottom[c];
    std::fill_n(mixed + channels, whole - channels, padding_score);
  }
}

/// Mixes two columns of a mixed row into the scores of a pixel.
[[gnu::always_inline]] inline void mix_scores(const float* mixed, const Mix& columns, int whole, float* scores) {
  const float *left = mixed + long(columns.at[0]) * whole, *right = mixed + long(columns.at[1]) * whole;
  const Vector u(columns.weight[0]), v(columns.weight[1]);
  for (int c = 0; c < whole; c += width)
    core::simd::storeu(scores + c, core::simd::fma(u, core::simd::loadu(left + c), v * core::simd::loadu(right + c)));
}

#endif  // STRATA_HAS_BODIES

constexpr long softmax_workspace(const Node& node) {
  return whole_lines((long(node.in.width) + 2) * padded(node.in.channels));
}

#if STRATA_HAS_BODIES

STRATA_ONCE void softmax(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels, whole = padded(channels);
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int slot) {
    float *mixed = call.slot(slot), *scores = mixed + long(node.in.width) * whole, *share = scores + whole;
    mix_score_rows(node, call.input(Input::x, n), r + node.offset_y, whole, mixed);
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) {
      mix_scores(mixed, mix_of(p + node.offset_x, node.factor, node.in.width, node.mode), whole, scores);
      const Vector factor(1 / exponentials(scores, whole, share).total);
      for (int c = 0; c < whole; c += width) core::simd::storeu(share + c, core::simd::loadu(share + c) * factor);
      std::copy_n(share, channels, y);
    }
  });
}

/// dx = y (dy - sum dy y)
STRATA_ONCE void softmax_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    const long first = long(r) * node.out.width;
    for (long p = first; p < first + node.out.width; p++) {
      const float *dy = call.input(Input::dy, n) + p * channels, *y = call.input(Input::y, n) + p * channels;
      float dot = 0;
      for (int c = 0; c < channels; c++) dot += dy[c] * y[c];
      for (int c = 0; c < channels; c++) call.y(n)[p * channels + c] = y[c] * (dy[c] - dot);
    }
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

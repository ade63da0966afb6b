// SPDX-License-Identifier: MIT
// Softmax over the channels of each pixel and its gradient.
#pragma once

#include <strata/cpu/nhwc/call.hpp>

namespace strata::cpu::nhwc {

/// Channels of a pixel whose row is filled up to whole vectors.
constexpr int padded(int channels) { return (channels + width - 1) / width * width; }
/// What stands in the channels that fill up: so low that its exponential is 0, and no overflow when it is interpolated.
inline constexpr float padding_score = -1e30f;

/// y = exp(x - max) for a filled-up pixel; max and the sum of y.
struct Exponentials {
  float most, total;
};
[[gnu::always_inline]] inline Exponentials exponentials(const float* x, int channels, float* y) {
  Vector most = simd::loadu(x);
  for (int c = width; c < channels; c += width) most = maximum(most, simd::loadu(x + c));
  const float top = greatest(most);
  Vector total(0.f);
  for (int c = 0; c < channels; c += width) {
    const Vector e = exponential(simd::loadu(x + c) - Vector(top));
    total = total + e;
    simd::storeu(y + c, e);
  }
  return {top, simd::sum(total)};
}

inline void softmax(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels, whole = padded(channels);
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int slot) {
    float *x = call.slot(slot), *y = x + whole;
    std::fill_n(x, whole, padding_score);
    const long first = long(r) * node.out.width;
    for (long p = first; p < first + node.out.width; p++) {
      std::copy_n(call.x(0, n) + p * channels, channels, x);
      const float share = 1 / exponentials(x, whole, y).total;
      for (int c = 0; c < whole; c += width) simd::storeu(y + c, simd::loadu(y + c) * Vector(share));
      std::copy_n(y, channels, call.y(n) + p * channels);
    }
  });
}

constexpr long softmax_workspace(const Node& node) { return rounded(2L * padded(node.out.channels)); }

/// Inputs dy, y. dx = y (dy - sum dy y)
inline void softmax_gradient(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    const long first = long(r) * node.out.width;
    for (long p = first; p < first + node.out.width; p++) {
      const float *dy = call.x(0, n) + p * channels, *y = call.x(1, n) + p * channels;
      float dot = 0;
      for (int c = 0; c < channels; c++) dot += dy[c] * y[c];
      for (int c = 0; c < channels; c++) call.y(n)[p * channels + c] = y[c] * (dy[c] - dot);
    }
  });
}

}  // namespace strata::cpu::nhwc

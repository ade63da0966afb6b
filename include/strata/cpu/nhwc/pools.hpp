// SPDX-License-Identifier: MIT
// Pools and their gradients. Padding never wins a maximum; in a mean it counts as zero.
#pragma once

#include <strata/cpu/nhwc/depthwise_convolution.hpp>

#include <limits>
#include <type_traits>

namespace strata::cpu::nhwc {

inline void max_pool(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) {
      std::fill_n(y, channels, -std::numeric_limits<float>::infinity());
      for_each_tap(node.window, node.in, r, p, [&](int, long pixel) {
        const float* x = call.x(0, n) + pixel * channels;
        sweep(channels, [&](long c) { simd::storeu(y + c, maximum(simd::loadu(y + c), simd::loadu(x + c))); },
              [&](long c) { y[c] = maximum(y[c], x[c]); });
      });
    }
  });
}

/// The channels that one Number holds, in the window of output pixel (r, p): its first maximum takes dy.
template <class Number>
void to_first_maximum(const Window& window, Shape shape, int r, int p, Number dy, const float* x, float* dx) {
  const auto load = [](const float* from) {
    if constexpr (std::is_same_v<Number, float>) return *from;
    else return simd::loadu(from);
  };
  const auto store = [](float* to, Number value) {
    if constexpr (std::is_same_v<Number, float>) *to = value;
    else simd::storeu(to, value);
  };
  Number most(-std::numeric_limits<float>::infinity()), rest = dy;
  const Number zero(0.f);
  for_each_tap(window, shape, r, p, [&](int, long pixel) { most = maximum(most, load(x + pixel * shape.channels)); });
  for_each_tap(window, shape, r, p, [&](int, long pixel) {
    const long at = pixel * shape.channels;
    const Number value = load(x + at);
    store(dx + at, load(dx + at) + where_greater(most, value, zero, rest));
    rest = where_greater(most, value, rest, zero);
  });
}

/// Inputs dy, x. The first maximum of each window takes dy.
inline void max_pool_gradient(const Call& call, Team& team) {
  const Node& node = *call.node;
  const Shape shape = node.out;
  constexpr int share = 64;  // channels
  const int shares = (shape.channels + share - 1) / share;
  team.for_each(call.images() * shares, [&](int item, int) {
    const int n = item / shares, first = item % shares * share, count = std::min(share, shape.channels - first);
    const float *dy = call.x(0, n) + first, *x = call.x(1, n) + first;
    float* dx = call.y(n) + first;
    for (int p = 0; p < shape.pixels(); p++) std::fill_n(dx + long(p) * shape.channels, count, 0.f);
    for (int r = 0; r < node.in.height; r++)
      for (int p = 0; p < node.in.width; p++, dy += shape.channels)
        sweep(count, [&](long c) { to_first_maximum(node.window, shape, r, p, simd::loadu(dy + c), x + c, dx + c); },
              [&](long c) { to_first_maximum(node.window, shape, r, p, dy[c], x + c, dx + c); });
  });
}

inline void average_pool(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  const float share = 1.f / float(node.window.taps());
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) {
      std::fill_n(y, channels, 0.f);
      for_each_tap(node.window, node.in, r, p, [&](int, long pixel) {
        const float* x = call.x(0, n) + pixel * channels;
        for (int c = 0; c < channels; c++) y[c] += x[c];
      });
      for (int c = 0; c < channels; c++) y[c] *= share;
    }
  });
}

inline void average_pool_gradient(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  const float share = 1.f / float(node.window.taps());
  team.for_each(call.images(), [&](int n, int) {
    const float* dy = call.x(0, n);
    std::fill_n(call.y(n), node.out.size(), 0.f);
    for (int r = 0; r < node.in.height; r++)
      for (int p = 0; p < node.in.width; p++, dy += channels)
        for_each_tap(node.window, node.out, r, p, [&](int, long pixel) {
          float* dx = call.y(n) + pixel * channels;
          for (int c = 0; c < channels; c++) dx[c] += dy[c] * share;
        });
  });
}

inline void global_average_pool(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  team.for_each(call.images(), [&](int n, int) {
    const float* x = call.x(0, n);
    float* y = call.y(n);
    std::fill_n(y, channels, 0.f);
    for (int p = 0; p < node.in.pixels(); p++, x += channels)
      sweep(channels, [&](long c) { simd::storeu(y + c, simd::loadu(y + c) + simd::loadu(x + c)); }, [&](long c) { y[c] += x[c]; });
    for (int c = 0; c < channels; c++) y[c] /= float(node.in.pixels());
  });
}

inline void global_average_pool_gradient(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  const float share = 1.f / float(node.out.pixels());
  team.for_each(call.images(), [&](int n, int) {
    float* dx = call.y(n);
    for (int p = 0; p < node.out.pixels(); p++, dx += channels)
      for (int c = 0; c < channels; c++) dx[c] = call.x(0, n)[c] * share;
  });
}

}  // namespace strata::cpu::nhwc

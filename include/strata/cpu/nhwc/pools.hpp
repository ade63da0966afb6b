// SPDX-License-Identifier: MIT
// Pools and their gradients. Padding never wins a maximum; in a mean it counts as zero.
#pragma once

#include <strata/cpu/nhwc/depthwise_convolution.hpp>

#include <limits>

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

/// Inputs dy, x. The first maximum of each window takes dy.
inline void max_pool_gradient(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  team.for_each(call.images(), [&](int n, int) {
    const float *dy = call.x(0, n), *x = call.x(1, n);
    float* dx = call.y(n);
    std::fill_n(dx, node.out.size(), 0.f);
    for (int r = 0; r < node.in.height; r++)
      for (int p = 0; p < node.in.width; p++, dy += channels)
        for (int c = 0; c < channels; c++) {
          long best = -1;
          for_each_tap(node.window, node.out, r, p, [&](int, long pixel) {
            const long at = pixel * channels + c;
            if (best < 0 || x[at] > x[best]) best = at;
          });
          if (best >= 0) dx[best] += dy[c];
        }
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

/// y = the pixels of x, added up.
inline void add_pixels(const float* x, int pixels, int channels, float* y) {
  std::fill_n(y, channels, 0.f);
  for (int p = 0; p < pixels; p++, x += channels)
    sweep(channels, [&](long c) { simd::storeu(y + c, simd::loadu(y + c) + simd::loadu(x + c)); }, [&](long c) { y[c] += x[c]; });
}

inline void global_average_pool(const Call& call, Team& team) {
  const Node& node = *call.node;
  team.for_each(call.images(), [&](int n, int) {
    float* y = call.y(n);
    add_pixels(call.x(0, n), node.in.pixels(), node.in.channels, y);
    for (int c = 0; c < node.in.channels; c++) y[c] /= float(node.in.pixels());
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

inline void broadcast(const Call& call, Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) std::copy_n(call.x(0, n), channels, y);
  });
}

inline void broadcast_gradient(const Call& call, Team& team) {
  const Node& node = *call.node;
  team.for_each(call.images(), [&](int n, int) { add_pixels(call.x(0, n), node.in.pixels(), node.in.channels, call.y(n)); });
}

}  // namespace strata::cpu::nhwc

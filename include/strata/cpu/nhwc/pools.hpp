// SPDX-License-Identifier: MIT
// Pools and their gradients. Padding never wins a maximum; in an average it counts as zero and adds to the divisor.
#pragma once

#include <strata/cpu/nhwc/depthwise_convolution.hpp>

#include <limits>

namespace strata::cpu::nhwc {

using namespace functions;

STRATA_ONCE void max_pool(const Call& call, core::Team& team);
STRATA_ONCE void max_pool_gradient(const Call& call, core::Team& team);
STRATA_ONCE void average_pool(const Call& call, core::Team& team);
STRATA_ONCE void average_pool_gradient(const Call& call, core::Team& team);
STRATA_ONCE void global_average_pool(const Call& call, core::Team& team);
STRATA_ONCE void global_average_pool_gradient(const Call& call, core::Team& team);
STRATA_ONCE void broadcast(const Call& call, core::Team& team);
STRATA_ONCE void broadcast_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

STRATA_ONCE void max_pool(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) {
      std::fill_n(y, channels, -std::numeric_limits<float>::infinity());
      for_each_tap(node.window, node.in, r, p, [&](int, long pixel) {
        const float* x = call.input(Input::x, n) + pixel * channels;
        sweep(
            channels,
            [&](long c) { core::simd::storeu(y + c, maximum(core::simd::loadu(y + c), core::simd::loadu(x + c))); },
            [&](long c) { y[c] = maximum(y[c], x[c]); });
      });
    }
  });
}

/// The first maximum of each window takes dy. Work is cut into bands of rows of dx; a window that spans
/// two bands is visited by both.
STRATA_ONCE void max_pool_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const core::Window& w = node.window;
  const Shape in = node.out, out = node.in;  // of the forward node
  const int channels = in.channels;
  constexpr int band = 8;
  for_each_row(team, call.images(), core::ceil_divide(in.height, band), [&](int n, int b, int) {
    const int top = b * band, bottom = std::min(top + band, in.height);
    const float* x = call.input(Input::x, n);
    float* dx = call.y(n);
    std::fill_n(dx + long(top) * in.width * channels, long(bottom - top) * in.width * channels, 0.f);
    const auto reaches = [&](int r) { return w.rows.source(r, w.rows.kernel - 1) >= top; };
    int first = std::max(0, (top - w.rows.source(0) - w.rows.extent()) / w.rows.stride);
    while (first < out.height && !reaches(first)) first++;
    for (int r = first; r < out.height && w.rows.source(r) < bottom; r++)
      for (int p = 0; p < out.width; p++) {
        const float* dy = call.input(Input::dy, n) + (long(r) * out.width + p) * channels;
        const long begin = long(top) * in.width, end = long(bottom) * in.width;  // pixels of the band
        sweep(
            channels,
            [&](long c) {
              Vector most(-std::numeric_limits<float>::infinity()), left = core::simd::loadu(dy + c);
              for_each_tap(w, in, r, p,
                           [&](int, long pixel) { most = maximum(most, core::simd::loadu(x + pixel * channels + c)); });
              for_each_tap(w, in, r, p, [&](int, long pixel) {
                const Vector value = core::simd::loadu(x + pixel * channels + c);
                float* to = dx + pixel * channels + c;
                if (pixel >= begin && pixel < end)
                  core::simd::storeu(to,
                                     core::simd::loadu(to) + core::simd::where_equal(value, most, left, Vector(0.f)));
                left = core::simd::where_equal(value, most, Vector(0.f), left);
              });
            },
            [&](long c) {
              long best = -1;
              for_each_tap(w, in, r, p, [&](int, long pixel) {
                if (best < 0 || x[pixel * channels + c] > x[best * channels + c]) best = pixel;
              });
              if (best >= begin && best < end) dx[best * channels + c] += dy[c];
            });
      }
  });
}

STRATA_ONCE void average_pool(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  const float share = 1.f / float(node.window.taps());
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) {
      std::fill_n(y, channels, 0.f);
      for_each_tap(node.window, node.in, r, p, [&](int, long pixel) {
        const float* x = call.input(Input::x, n) + pixel * channels;
        for (int c = 0; c < channels; c++) y[c] += x[c];
      });
      for (int c = 0; c < channels; c++) y[c] *= share;
    }
  });
}

STRATA_ONCE void average_pool_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  const float share = 1.f / float(node.window.taps());
  team.for_each(call.images(), [&](int n, int) {
    const float* dy = call.input(Input::dy, n);
    std::fill_n(call.y(n), node.out.size(), 0.f);
    for (int r = 0; r < node.in.height; r++)
      for (int p = 0; p < node.in.width; p++, dy += channels)
        for_each_tap(node.window, node.out, r, p, [&](int, long pixel) {
          float* dx = call.y(n) + pixel * channels;
          for (int c = 0; c < channels; c++) dx[c] += dy[c] * share;
        });
  });
}

/// y = the sum of the pixels of x
inline void add_pixels(const float* x, int pixels, int channels, float* y) {
  std::fill_n(y, channels, 0.f);
  for (int p = 0; p < pixels; p++, x += channels)
    sweep(
        channels, [&](long c) { core::simd::storeu(y + c, core::simd::loadu(y + c) + core::simd::loadu(x + c)); },
        [&](long c) { y[c] += x[c]; });
}

STRATA_ONCE void global_average_pool(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  team.for_each(call.images(), [&](int n, int) {
    float* y = call.y(n);
    add_pixels(call.input(Input::x, n), node.in.pixels(), node.in.channels, y);
    for (int c = 0; c < node.in.channels; c++) y[c] /= float(node.in.pixels());
  });
}

STRATA_ONCE void global_average_pool_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  const float share = 1.f / float(node.out.pixels());
  team.for_each(call.images(), [&](int n, int) {
    float* dx = call.y(n);
    for (int p = 0; p < node.out.pixels(); p++, dx += channels)
      for (int c = 0; c < channels; c++) dx[c] = call.input(Input::dy, n)[c] * share;
  });
}

STRATA_ONCE void broadcast(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) std::copy_n(call.input(Input::x, n), channels, y);
  });
}

STRATA_ONCE void broadcast_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  team.for_each(call.images(), [&](int n, int) {
    add_pixels(call.input(Input::dy, n), node.in.pixels(), node.in.channels, call.y(n));
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

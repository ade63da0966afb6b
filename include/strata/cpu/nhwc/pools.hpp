// SPDX-License-Identifier: MIT
// Pools and their gradients. Padding never wins a maximum; in an average it counts as zero and, where the node says so,
// in the divisor.
#pragma once

#include <strata/core/adaptive_axis.hpp>
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
STRATA_ONCE void adaptive_max_pool(const Call& call, core::Team& team);
STRATA_ONCE void adaptive_max_pool_gradient(const Call& call, core::Team& team);
STRATA_ONCE void broadcast(const Call& call, core::Team& team);
STRATA_ONCE void broadcast_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// The windows of a pool over a map `in`: of one size at one distance, or adaptive ones.
struct SlidingWindows {
  const core::Window& window;
  Shape in;

  /// No row of windows before this one reaches row `top` of the map.
  int first_near(int top) const {
    return std::max(0, (top - window.rows.source(0) - window.rows.extent()) / window.rows.stride);
  }
  bool reaches(int r, int top) const { return window.rows.source(r, window.rows.kernel - 1) >= top; }
  bool begins_before(int r, int bottom) const { return window.rows.source(r) < bottom; }
  /// Calls body(pixel) for the pixels of window (r, p).
  template <class Body>
  [[gnu::always_inline]] void each(int r, int p, Body&& body) const {
    for_each_tap(window, in, r, p, [&](int, long pixel) { body(pixel); });
  }
};
struct AdaptiveWindows {
  core::AdaptiveAxis rows, columns;
  AdaptiveWindows(Shape in, Shape out) : rows{in.height, out.height}, columns{in.width, out.width} {}

  int first_near(int top) const { return rows.readers().begin(top); }
  bool reaches(int r, int top) const { return rows.end(r) > top; }
  bool begins_before(int r, int bottom) const { return rows.begin(r) < bottom; }
  template <class Body>
  [[gnu::always_inline]] void each(int r, int p, Body&& body) const {
    for (int row = rows.begin(r); row < rows.end(r); row++)
      for (int column = columns.begin(p); column < columns.end(p); column++) body(long(row) * columns.in + column);
  }
};

template <class Windows>
void max_pool_over(const Call& call, core::Team& team, const Windows& windows) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) {
      std::fill_n(y, channels, -std::numeric_limits<float>::infinity());
      windows.each(r, p, [&](long pixel) {
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
template <class Windows>
void max_pool_gradient_over(const Call& call, core::Team& team, const Windows& windows) {
  const Node& node = *call.node;
  const Shape in = node.out, out = node.in;  // of the forward node
  const int channels = in.channels;
  constexpr int band = 8;
  for_each_row(team, call.images(), core::ceil_divide(in.height, band), [&](int n, int b, int) {
    const int top = b * band, bottom = std::min(top + band, in.height);
    const float* x = call.input(Input::x, n);
    float* dx = call.y(n);
    std::fill_n(dx + long(top) * in.width * channels, long(bottom - top) * in.width * channels, 0.f);
    int first = windows.first_near(top);
    while (first < out.height && !windows.reaches(first, top)) first++;
    for (int r = first; r < out.height && windows.begins_before(r, bottom); r++)
      for (int p = 0; p < out.width; p++) {
        const float* dy = call.input(Input::dy, n) + (long(r) * out.width + p) * channels;
        const long begin = long(top) * in.width, end = long(bottom) * in.width;  // pixels of the band
        sweep(
            channels,
            [&](long c) {
              Vector most(-std::numeric_limits<float>::infinity()), left = core::simd::loadu(dy + c);
              windows.each(r, p,
                           [&](long pixel) { most = maximum(most, core::simd::loadu(x + pixel * channels + c)); });
              windows.each(r, p, [&](long pixel) {
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
              windows.each(r, p, [&](long pixel) {
                if (best < 0 || x[pixel * channels + c] > x[best * channels + c]) best = pixel;
              });
              if (best >= begin && best < end) dx[best * channels + c] += dy[c];
            });
      }
  });
}

STRATA_ONCE void max_pool(const Call& call, core::Team& team) {
  max_pool_over(call, team, SlidingWindows{call.node->window, call.node->in});
}
STRATA_ONCE void max_pool_gradient(const Call& call, core::Team& team) {
  max_pool_gradient_over(call, team, SlidingWindows{call.node->window, call.node->out});
}
STRATA_ONCE void adaptive_max_pool(const Call& call, core::Team& team) {
  max_pool_over(call, team, AdaptiveWindows(call.node->in, call.node->out));
}
STRATA_ONCE void adaptive_max_pool_gradient(const Call& call, core::Team& team) {
  max_pool_gradient_over(call, team, AdaptiveWindows(call.node->out, call.node->in));
}

STRATA_ONCE void average_pool(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const graph::AverageDivisor divisor(node, node.in);
  const int channels = node.in.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * node.out.width * channels;
    for (int p = 0; p < node.out.width; p++, y += channels) {
      std::fill_n(y, channels, 0.f);
      for_each_tap(node.window, node.in, r, p, [&](int, long pixel) {
        const float* x = call.input(Input::x, n) + pixel * channels;
        for (int c = 0; c < channels; c++) y[c] += x[c];
      });
      const float share = 1.f / float(divisor(r, p));
      for (int c = 0; c < channels; c++) y[c] *= share;
    }
  });
}

STRATA_ONCE void average_pool_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const graph::AverageDivisor divisor(node, node.out);
  const int channels = node.out.channels;
  team.for_each(call.images(), [&](int n, int) {
    const float* dy = call.input(Input::dy, n);
    std::fill_n(call.y(n), node.out.size(), 0.f);
    for (int r = 0; r < node.in.height; r++)
      for (int p = 0; p < node.in.width; p++, dy += channels) {
        const float share = 1.f / float(divisor(r, p));
        for_each_tap(node.window, node.out, r, p, [&](int, long pixel) {
          float* dx = call.y(n) + pixel * channels;
          for (int c = 0; c < channels; c++) dx[c] += dy[c] * share;
        });
      }
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

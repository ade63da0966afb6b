// SPDX-License-Identifier: MIT
// Standalone pools and their gradients. Padding never wins a maximum; in an average it counts as zero and, where the
// node says so, in the divisor.
#pragma once

#include <algorithm>
#include <cstring>
#include <strata/core/adaptive_axis.hpp>
#include <strata/cpu/lanes/call.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void max_pool(const Call& call);
STRATA_ONCE void max_pool_gradient(const Call& call);
STRATA_ONCE void average_pool(const Call& call);
STRATA_ONCE void average_pool_gradient(const Call& call);
STRATA_ONCE void global_average_pool(const Call& call);
STRATA_ONCE void global_average_pool_gradient(const Call& call);
STRATA_ONCE void adaptive_max_pool(const Call& call);
STRATA_ONCE void adaptive_max_pool_gradient(const Call& call);

#if STRATA_HAS_BODIES

/// Visits one window of a plane, row by row: body(offset of an element in the plane) for the elements that are not
/// padding.
template <class Body>
[[gnu::always_inline]] inline void each_element(const core::Window& w, Shape x, int row, int column, Body&& body) {
  for (int a = 0; a < w.rows.kernel; a++) {
    const int y = w.rows.source(row, a);
    if (y < 0 || y >= x.height) continue;
    for (int b = 0; b < w.columns.kernel; b++) {
      const int i = w.columns.source(column, b);
      if (i >= 0 && i < x.width) body((long(y) * x.width + i) * width);
    }
  }
}

/// body(offset of the channel in x, row, column, offset of the pooled element) for each element of the pooled map
template <class Body>
[[gnu::always_inline]] inline void each_pooled(Shape x, Shape pooled, Body&& body) {
  for (int c = 0; c < x.channels; c++)
    for (int r = 0; r < pooled.height; r++)
      for (int i = 0; i < pooled.width; i++)
        body(long(c) * x.pixels() * width, r, i, (long(c) * pooled.pixels() + long(r) * pooled.width + i) * width);
}

/// The windows of a pool over planes of shape x: body(offset in the plane) for the elements of window (row, column).
struct SlidingWindows {
  const core::Window& window;
  Shape x;
  template <class Body>
  [[gnu::always_inline]] void each(int row, int column, Body&& body) const {
    each_element(window, x, row, column, body);
  }
};
struct AdaptiveWindows {
  core::AdaptiveAxis rows, columns;
  AdaptiveWindows(Shape x, Shape y) : rows{x.height, y.height}, columns{x.width, y.width} {}
  template <class Body>
  [[gnu::always_inline]] void each(int row, int column, Body&& body) const {
    for (int a = rows.begin(row); a < rows.end(row); a++)
      for (int b = columns.begin(column); b < columns.end(column); b++) body((long(a) * columns.in + b) * width);
  }
};

template <class Windows>
inline Vector window_maximum(const Windows& windows, const float* plane, int r, int i) {
  bool first = true;
  Vector best(0.f);
  windows.each(r, i, [&](long at) STRATA_INLINE_LAMBDA {
    const Vector v = core::simd::load(plane + at);
    best = first ? v : maximum(best, v);
    first = false;
  });
  return best;
}

template <class Windows>
void max_pool_over(const Call& call, const Windows& windows) {
  const Node& node = *call.node;
  each_pooled(node.in, node.out, [&](long plane, int r, int i, long to) STRATA_INLINE_LAMBDA {
    core::simd::store(call.y + to, window_maximum(windows, call.inputs[Input::x] + plane, r, i));
  });
}

/// node.out is the shape of x.
template <class Windows>
void max_pool_gradient_over(const Call& call, const Windows& windows) {
  const Node& node = *call.node;
  const float *const dy = call.inputs[Input::dy], *const x = call.inputs[Input::x];
  std::memset(call.y, 0, sizeof(float) * std::size_t(node.out.size()) * width);
  each_pooled(node.out, node.in, [&](long plane, int r, int i, long from) STRATA_INLINE_LAMBDA {
    const Vector best = window_maximum(windows, x + plane, r, i);
    Vector rest = core::simd::load(dy + from);  // the first element that equals the maximum takes all
    windows.each(r, i, [&](long at) STRATA_INLINE_LAMBDA {
      float* const dx = call.y + plane + at;
      const Vector taken = where_positive(best - core::simd::load(x + plane + at), Vector(0.f), rest);
      core::simd::store(dx, core::simd::load(dx) + taken);
      rest = rest - taken;
    });
  });
}

STRATA_ONCE void max_pool(const Call& call) { max_pool_over(call, SlidingWindows{call.node->window, call.node->in}); }
STRATA_ONCE void max_pool_gradient(const Call& call) {
  max_pool_gradient_over(call, SlidingWindows{call.node->window, call.node->out});
}
STRATA_ONCE void adaptive_max_pool(const Call& call) {
  max_pool_over(call, AdaptiveWindows(call.node->in, call.node->out));
}
STRATA_ONCE void adaptive_max_pool_gradient(const Call& call) {
  max_pool_gradient_over(call, AdaptiveWindows(call.node->out, call.node->in));
}

STRATA_ONCE void average_pool(const Call& call) {
  const Node& node = *call.node;
  const graph::AverageDivisor divisor(node, node.in);
  each_pooled(node.in, node.out, [&](long plane, int r, int i, long to) STRATA_INLINE_LAMBDA {
    Vector total(0.f);
    each_element(node.window, node.in, r, i, [&](long at) STRATA_INLINE_LAMBDA {
      total = total + core::simd::load(call.inputs[Input::x] + plane + at);
    });
    core::simd::store(call.y + to, total * Vector(1.f / float(divisor(r, i))));
  });
}

STRATA_ONCE void average_pool_gradient(const Call& call) {
  const Node& node = *call.node;
  const graph::AverageDivisor divisor(node, node.out);
  std::memset(call.y, 0, sizeof(float) * std::size_t(node.out.size()) * width);
  each_pooled(node.out, node.in, [&](long plane, int r, int i, long from) STRATA_INLINE_LAMBDA {
    const Vector dy = core::simd::load(call.inputs[Input::dy] + from) * Vector(1.f / float(divisor(r, i)));
    each_element(node.window, node.out, r, i, [&](long at) STRATA_INLINE_LAMBDA {
      float* const dx = call.y + plane + at;
      core::simd::store(dx, core::simd::load(dx) + dy);
    });
  });
}

STRATA_ONCE void global_average_pool(const Call& call) {
  const Node& node = *call.node;
  const float* x = call.inputs[Input::x];
  for (int c = 0; c < node.in.channels; c++) {
    Vector total(0.f);
    for (int p = 0; p < node.in.pixels(); p++, x += width) total = total + core::simd::load(x);
    core::simd::store(call.y + c * long(width), total * Vector(1.f / float(node.in.pixels())));
  }
}

STRATA_ONCE void global_average_pool_gradient(const Call& call) {
  const Node& node = *call.node;
  float* dx = call.y;
  for (int c = 0; c < node.out.channels; c++) {
    const Vector dy =
        core::simd::load(call.inputs[Input::dy] + c * long(width)) * Vector(1.f / float(node.out.pixels()));
    for (int p = 0; p < node.out.pixels(); p++, dx += width) core::simd::store(dx, dy);
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

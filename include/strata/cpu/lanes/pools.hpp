// SPDX-License-Identifier: MIT
// Standalone pools and their gradients. Padding never wins a maximum; in an average it counts as zero and adds to the
// divisor.
#pragma once

#include <algorithm>
#include <cstring>
#include <strata/cpu/lanes/call.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void max_pool(const Call& call);
STRATA_ONCE void max_pool_gradient(const Call& call);
STRATA_ONCE void average_pool(const Call& call);
STRATA_ONCE void average_pool_gradient(const Call& call);
STRATA_ONCE void global_average_pool(const Call& call);
STRATA_ONCE void global_average_pool_gradient(const Call& call);

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

inline Vector window_maximum(const core::Window& w, Shape shape, const float* plane, int r, int i) {
  bool first = true;
  Vector best(0.f);
  each_element(w, shape, r, i, [&](long at) STRATA_INLINE_LAMBDA {
    const Vector v = core::simd::load(plane + at);
    best = first ? v : maximum(best, v);
    first = false;
  });
  return best;
}

STRATA_ONCE void max_pool(const Call& call) {
  const Node& node = *call.node;
  each_pooled(node.in, node.out, [&](long plane, int r, int i, long to) STRATA_INLINE_LAMBDA {
    core::simd::store(call.y + to, window_maximum(node.window, node.in, call.inputs[Input::x] + plane, r, i));
  });
}

/// node.out is the shape of x.
STRATA_ONCE void max_pool_gradient(const Call& call) {
  const Node& node = *call.node;
  const float *const dy = call.inputs[Input::dy], *const x = call.inputs[Input::x];
  std::memset(call.y, 0, sizeof(float) * std::size_t(node.out.size()) * width);
  each_pooled(node.out, node.in, [&](long plane, int r, int i, long from) STRATA_INLINE_LAMBDA {
    const Vector best = window_maximum(node.window, node.out, x + plane, r, i);
    Vector rest = core::simd::load(dy + from);  // the first element that equals the maximum takes all
    each_element(node.window, node.out, r, i, [&](long at) STRATA_INLINE_LAMBDA {
      float* const dx = call.y + plane + at;
      const Vector taken = where_positive(best - core::simd::load(x + plane + at), Vector(0.f), rest);
      core::simd::store(dx, core::simd::load(dx) + taken);
      rest = rest - taken;
    });
  });
}

STRATA_ONCE void average_pool(const Call& call) {
  const Node& node = *call.node;
  const Vector share(1.f / float(node.window.taps()));
  each_pooled(node.in, node.out, [&](long plane, int r, int i, long to) STRATA_INLINE_LAMBDA {
    Vector total(0.f);
    each_element(node.window, node.in, r, i, [&](long at) STRATA_INLINE_LAMBDA {
      total = total + core::simd::load(call.inputs[Input::x] + plane + at);
    });
    core::simd::store(call.y + to, total * share);
  });
}

STRATA_ONCE void average_pool_gradient(const Call& call) {
  const Node& node = *call.node;
  const Vector share(1.f / float(node.window.taps()));
  std::memset(call.y, 0, sizeof(float) * std::size_t(node.out.size()) * width);
  each_pooled(node.out, node.in, [&](long plane, int r, int i, long from) STRATA_INLINE_LAMBDA {
    const Vector dy = core::simd::load(call.inputs[Input::dy] + from) * share;
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

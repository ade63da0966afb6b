// SPDX-License-Identifier: MIT
// Maps of other rows and columns, and the adjoint.
#pragma once

#include <cstring>
#include <strata/cpu/lanes/call.hpp>
#include <strata/graph/declared/resampling.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void resample(const Call& call);
STRATA_ONCE void resample_gradient(const Call& call);

#if STRATA_HAS_BODIES

/// body(offset of an element of the map of shape x, offset of the one of y that reads it, its weight) for each pair, y
/// element by element.
template <class Body>
[[gnu::always_inline]] inline void each_neighbor(graph::Interpolation mode, Shape x, Shape y, Body&& body) {
  const graph::Resampling rows{mode, x.height, y.height}, columns{mode, x.width, y.width};
  for (int r = 0; r < y.height; r++)
    for (int i = 0; i < y.width; i++) {
      const graph::Neighbors row = rows(r), column = columns(i);
      for (int c = 0; c < x.channels; c++)
        for (int a = 0; a < row.count; a++)
          for (int b = 0; b < column.count; b++)
            body(((long(c) * x.height + row.first + a) * x.width + column.first + b) * width,
                 ((long(c) * y.height + r) * y.width + i) * width, row.weight(a) * column.weight(b));
    }
}

/// to += weight from, for the images of a group.
inline void add_weighted(float weight, const float* from, float* to) {
  core::simd::store(to, core::simd::fma(Vector(weight), core::simd::load(from), core::simd::load(to)));
}

STRATA_ONCE void resample(const Call& call) {
  const Node& node = *call.node;
  const float* const x = call.inputs[Input::x];
  std::memset(call.y, 0, sizeof(float) * std::size_t(node.out.size()) * width);
  each_neighbor(node.mode, node.in, node.out, [&](long from, long to, float weight) STRATA_INLINE_LAMBDA {
    add_weighted(weight, x + from, call.y + to);
  });
}

/// node.out is the shape of x.
STRATA_ONCE void resample_gradient(const Call& call) {
  const Node& node = *call.node;
  const float* const dy = call.inputs[Input::dy];
  std::memset(call.y, 0, sizeof(float) * std::size_t(node.out.size()) * width);
  each_neighbor(node.mode, node.out, node.in, [&](long to, long from, float weight) STRATA_INLINE_LAMBDA {
    add_weighted(weight, dy + from, call.y + to);
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

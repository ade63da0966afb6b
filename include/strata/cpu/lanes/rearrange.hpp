// SPDX-License-Identifier: MIT
// Operations that move elements to other pixels or channels: crop, pad and its gradient, and shuffles. As gradients
// they read dy.
#pragma once

#include <strata/cpu/lanes/elementwise.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void crop(const Call& call);
STRATA_ONCE void pad(const Call& call);
STRATA_ONCE void pad_gradient(const Call& call);
STRATA_ONCE void channel_shuffle(const Call& call);
STRATA_ONCE void pixel_shuffle(const Call& call);
STRATA_ONCE void pixel_unshuffle(const Call& call);

#if STRATA_HAS_BODIES

/// The vector of an element of a tensor.
constexpr long vector_at(Shape s, int channel, int row, int column) {
  return ((long(channel) * s.height + row) * s.width + column) * width;
}

/// Calls visit(channel, row) for each row of each channel.
template <class Visit>
[[gnu::always_inline]] inline void each_row(Shape s, Visit&& visit) {
  for (int c = 0; c < s.channels; c++)
    for (int r = 0; r < s.height; r++) visit(c, r);
}

STRATA_ONCE void crop(const Call& call) {
  const Node& node = *call.node;
  each_row(node.out, [&](int c, int r) {
    copy(call.inputs.first() + vector_at(node.in, c, r + node.offset_y, node.offset_x), node.out.width,
         call.y + vector_at(node.out, c, r, 0));
  });
}

STRATA_ONCE void pad(const Call& call) {
  const Node& node = *call.node;
  const Shape in = node.in;
  each_row(node.out, [&](int c, int r) {
    const int channel = c - node.offset_channel, row = core::padded_source(node.padding, r - node.offset_y, in.height);
    const bool inside = channel >= 0 && channel < in.channels && row >= 0;
    float* y = call.y + vector_at(node.out, c, r, 0);
    for (int p = 0; p < node.out.width; p++, y += width) {
      const int column = inside ? core::padded_source(node.padding, p - node.offset_x, in.width) : -1;
      core::simd::store(
          y, column < 0 ? Vector(0.f) : core::simd::load(call.inputs.first() + vector_at(in, channel, row, column)));
    }
  });
}

STRATA_ONCE void pad_gradient(const Call& call) {
  const Node& node = *call.node;
  const Shape in = node.out, out = node.in;  // of the forward node
  each_row(in, [&](int c, int r) {
    for (int p = 0; p < in.width; p++) {
      Vector sum(0.f);
      core::for_each_copy(node.padding, r, in.height, node.offset_y, out.height, [&](int row) {
        core::for_each_copy(node.padding, p, in.width, node.offset_x, out.width, [&](int column) {
          sum = sum + core::simd::load(call.inputs[Input::dy] + vector_at(out, c, row, column));
        });
      });
      core::simd::store(call.y + vector_at(in, c, r, p), sum);
    }
  });
}

STRATA_ONCE void channel_shuffle(const Call& call) {
  const Node& node = *call.node;
  const int inner = node.out.channels / node.groups;
  const long plane = node.out.pixels();
  for (int c = 0; c < node.out.channels; c++)
    copy(call.inputs.first() + (c % node.groups * inner + c / node.groups) * plane * width, plane,
         call.y + c * plane * width);
}

STRATA_ONCE void pixel_shuffle(const Call& call) {
  const Node& node = *call.node;
  const int factor = node.out.height / node.in.height;
  each_row(node.out, [&](int c, int r) {
    float* y = call.y + vector_at(node.out, c, r, 0);
    for (int p = 0; p < node.out.width; p++, y += width) {
      const int channel = (c * factor + r % factor) * factor + p % factor;
      copy(call.inputs.first() + vector_at(node.in, channel, r / factor, p / factor), 1, y);
    }
  });
}

STRATA_ONCE void pixel_unshuffle(const Call& call) {
  const Node& node = *call.node;
  const int factor = node.in.height / node.out.height;
  each_row(node.out, [&](int c, int r) {
    const int row = r * factor + c / factor % factor, left = c % factor, channel = c / (factor * factor);
    float* y = call.y + vector_at(node.out, c, r, 0);
    for (int p = 0; p < node.out.width; p++, y += width)
      copy(call.inputs.first() + vector_at(node.in, channel, row, p * factor + left), 1, y);
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

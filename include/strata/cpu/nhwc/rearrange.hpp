// SPDX-License-Identifier: MIT
// Operations that move elements to other pixels or channels: pad and its gradient, and shuffles. As gradients they read
// dy.
#pragma once

#include <strata/cpu/nhwc/call.hpp>

namespace strata::cpu::nhwc {

STRATA_ONCE void pad(const Call& call, core::Team& team);
STRATA_ONCE void pad_gradient(const Call& call, core::Team& team);
STRATA_ONCE void channel_shuffle(const Call& call, core::Team& team);
STRATA_ONCE void pixel_shuffle(const Call& call, core::Team& team);
STRATA_ONCE void pixel_unshuffle(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

STRATA_ONCE void pad(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Shape in = node.in, out = node.out;
  for_each_row(team, call.images(), out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * out.width * out.channels;
    const int row = core::padded_source(node.padding, r - node.offset_y, in.height);
    if (row < 0) {
      std::fill_n(y, long(out.width) * out.channels, 0.f);
      return;
    }
    const float* const x = call.first(n) + long(row) * in.width * in.channels;
    for (int p = 0; p < out.width;) {
      const int column = core::padded_source(node.padding, p - node.offset_x, in.width);
      if (column < 0) {
        y = std::fill_n(y, out.channels, 0.f), p++;
      } else if (p == node.offset_x && in.channels == out.channels) {  // the map's own row
        y = std::copy_n(x, long(in.width) * in.channels, y), p += in.width;
      } else {
        y = std::fill_n(y, node.offset_channel, 0.f);
        y = std::copy_n(x + long(column) * in.channels, in.channels, y);
        y = std::fill_n(y, out.channels - in.channels - node.offset_channel, 0.f), p++;
      }
    }
  });
}

STRATA_ONCE void pad_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Shape in = node.out, out = node.in;  // of the forward node
  const int channels = in.channels;
  for_each_row(team, call.images(), in.height, [&](int n, int r, int) {
    float* const row = call.y(n) + long(r) * in.width * channels;
    std::fill_n(row, long(in.width) * channels, 0.f);
    core::for_each_copy(node.padding, r, in.height, node.offset_y, out.height, [&](int from) {
      const float* const dy = call.input(Input::dy, n) + long(from) * out.width * channels;
      for (int p = 0; p < in.width; p++)
        core::for_each_copy(node.padding, p, in.width, node.offset_x, out.width, [&](int column) {
          const float* const d = dy + long(column) * channels;
          float* const dx = row + long(p) * channels;
          sweep(
              channels,
              [&](long c) { core::simd::storeu(dx + c, core::simd::loadu(dx + c) + core::simd::loadu(d + c)); },
              [&](long c) { dx[c] += d[c]; });
        });
    });
  });
}

STRATA_ONCE void channel_shuffle(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels, groups = node.groups, inner = channels / groups;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    const long first = long(r) * node.out.width;
    for (long p = first; p < first + node.out.width; p++) {
      const float* const x = call.first(n) + p * channels;
      float* y = call.y(n) + p * channels;
      for (int j = 0; j < inner; j++)
        for (int g = 0; g < groups; g++) *y++ = x[g * inner + j];
    }
  });
}

STRATA_ONCE void pixel_shuffle(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Shape in = node.in, out = node.out;
  const int factor = out.height / in.height, square = factor * factor;
  for_each_row(team, call.images(), out.height, [&](int n, int r, int) {
    const float* const row = call.first(n) + long(r / factor) * in.width * in.channels + r % factor * factor;
    float* y = call.y(n) + long(r) * out.width * out.channels;
    for (int p = 0; p < out.width; p++) {
      const float* const x = row + long(p / factor) * in.channels + p % factor;
      for (int c = 0; c < out.channels; c++) *y++ = x[c * square];
    }
  });
}

STRATA_ONCE void pixel_unshuffle(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Shape in = node.in, out = node.out;
  const int factor = in.height / out.height;
  for_each_row(team, call.images(), out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * out.width * out.channels;
    for (int p = 0; p < out.width; p++)
      for (int c = 0; c < in.channels; c++)
        for (int i = 0; i < factor; i++) {
          const float* x = call.first(n) + (long(r * factor + i) * in.width + p * factor) * in.channels + c;
          for (int j = 0; j < factor; j++, x += in.channels) *y++ = *x;
        }
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

// SPDX-License-Identifier: MIT
// Operations that change single elements, input, pointwise, sum, dropout, and those that join or cut maps: concat,
// slice, crop, flatten and back.
#pragma once

#include <strata/core/random.hpp>
#include <strata/cpu/nhwc/dense.hpp>

namespace strata::cpu::nhwc {

STRATA_ONCE void input(const Call& call, core::Team& team);
STRATA_ONCE void pointwise(const Call& call, core::Team& team);
STRATA_ONCE void pointwise_gradient(const Call& call, core::Team& team);
STRATA_ONCE void sum(const Call& call, core::Team& team);
STRATA_ONCE void dropout(const Call& call, core::Team& team);
STRATA_ONCE void concat(const Call& call, core::Team& team);
STRATA_ONCE void slice(const Call& call, core::Team& team);
STRATA_ONCE void crop(const Call& call, core::Team& team);
STRATA_ONCE void flatten(const Call& call, core::Team& team);
STRATA_ONCE void unflatten(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// y = scale[c] raw + shift[c]
STRATA_ONCE void input(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  const float *scale = call.step->buffers + node.buffers, *shift = scale + channels;
  const long row = long(node.out.width) * channels, size = node.out.size();
  const Images& images = core::source_of(call.step->images, node.port);
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + r * row;
    const long from = images.row(n) * size + r * row;
    for (long i = 0; i < row; i++) y[i] = images.bytes ? float(images.bytes[from + i]) : images.floats[from + i];
    for (long i = 0; i < row; i += channels)
      for (int c = 0; c < channels; c++) y[i + c] = scale[c] * y[i + c] + shift[c];
  });
}

/// y = x; y may be x itself.
inline void copy_row(const float* x, long count, float* y) {
  if (x != y) std::copy_n(x, count, y);
}

STRATA_ONCE void pointwise(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const long row = long(node.out.width) * node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    copy_row(call.input(Input::x, n) + r * row, row, call.y(n) + r * row);
    call.functor().apply(call.y(n) + r * row, row);
  });
}

STRATA_ONCE void pointwise_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const long row = long(node.out.width) * node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    copy_row(call.input(Input::dy, n) + r * row, row, call.y(n) + r * row);
    call.functor().scale(call.y(n) + r * row, call.input(Input::argument, n) + r * row, row);
  });
}

STRATA_ONCE void sum(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const long row = long(node.out.width) * node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + r * row;  // may be one of the first two inputs
    const float* first = call.input(Input::x, n) + r * row;
    if (node.inputs.count == 1) copy_row(first, row, y);
    for (int k = 1; k < node.inputs.count; k++, first = y) {
      const float* x = call.input(k, n) + r * row;
      sweep(
          row, [&](long i) { core::simd::storeu(y + i, core::simd::loadu(first + i) + core::simd::loadu(x + i)); },
          [&](long i) { y[i] = first[i] + x[i]; });
    }
    if (node.epilogue.functor != graph::no_functor) call.functor().apply(y, row);
  });
}

/// Dropout and its gradient. The mask of element (c, p) of image n depends only on (seed, layer, n, c, p), or on what
/// of them the elements do not share.
STRATA_ONCE void dropout(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const std::uint64_t seed = core::mix(call.step->seed, std::uint64_t(node.layer));
  const int channels = node.out.channels;
  const graph::Draws draws(node.share, node.out);
  const float scale = float(1 / (1 - node.probability));
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    for (int i = 0; i < node.out.width; i++) {
      const long p = long(r) * node.out.width + i;
      for (int c = 0; c < channels; c++) {
        call.y(n)[p * channels + c] =
            core::uniform(seed, draws(n, c, p)) >= node.probability ? call.first(n)[p * channels + c] * scale : 0.f;
      }
    }
  });
}

STRATA_ONCE void concat(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Shape* shapes = call.shapes;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    float* y = call.y(n) + long(r) * node.out.width * node.out.channels;
    for (int p = 0; p < node.out.width; p++)
      for (int k = 0; k < node.inputs.count; k++)
        y = std::copy_n(call.input(k, n) + (long(r) * node.out.width + p) * shapes[k].channels, shapes[k].channels, y);
  });
}

STRATA_ONCE void slice(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    const long first = long(r) * node.out.width;
    for (long p = first; p < first + node.out.width; p++)
      std::copy_n(call.first(n) + p * node.in.channels + node.offset_channel, node.out.channels,
                  call.y(n) + p * node.out.channels);
  });
}

STRATA_ONCE void crop(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const long row = long(node.out.width) * node.out.channels;
  for_each_row(team, call.images(), node.out.height, [&](int n, int r, int) {
    std::copy_n(call.first(n) + (long(r + node.offset_y) * node.in.width + node.offset_x) * node.in.channels, row,
                call.y(n) + r * row);
  });
}

/// (H, W, C) -> (C, H, W) and back.
STRATA_ONCE void flatten(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  team.for_each(call.images(), [&](int n, int) {
    for (long i = 0; i < node.in.size(); i++) call.y(n)[planar(node.in, i)] = call.first(n)[i];
  });
}
STRATA_ONCE void unflatten(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  team.for_each(call.images(), [&](int n, int) {
    for (long i = 0; i < node.out.size(); i++) call.y(n)[i] = call.first(n)[planar(node.out, i)];
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

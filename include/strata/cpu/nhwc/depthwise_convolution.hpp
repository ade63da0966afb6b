// SPDX-License-Identifier: MIT
// Depthwise convolution: y[p][c] = b[c] + sum over taps of w[tap][c] x[p * stride + tap][c / m]. With multiplier m = 1,
// the loop over channels is vectorized. A finished row gets its residual and functor while it is in the cache. Packed
// weights: bias[C], then [tap][C].
#pragma once

#include <strata/cpu/nhwc/weight_gradient.hpp>

namespace strata::cpu::nhwc {

STRATA_ONCE void depthwise_convolution(const Call& call, core::Team& team);
STRATA_ONCE void depthwise_convolution_input_gradient(const Call& call, core::Team& team);
STRATA_ONCE void depthwise_convolution_weight_gradient(const Call& call, core::Team& team);

/// Whether the value may overwrite the input, in a workspace of overwriting_rows rows of outputs: a row of inputs is
/// read until output row + `before` is computed, and rows that are finished wait for so long.
constexpr bool depthwise_may_overwrite(const Node& node) {
  return node.op == Op::depthwise_convolution && node.in == node.mid && node.out == node.mid &&
         node.window.rows.stride == 1 && node.window.columns.stride == 1;
}
constexpr int overwriting_rows(const Node& node) { return std::max(0, node.window.rows.before) + 1; }

#if STRATA_HAS_BODIES

/// Calls body(tap, input pixel) for those taps of output pixel (y, x) that lie inside the input.
template <class Body>
void for_each_tap(const core::Window& w, Shape in, int y, int x, Body&& body) {
  for (int r = 0; r < w.rows.kernel; r++) {
    const int row = w.rows.source(y, r);
    if (row < 0 || row >= in.height) continue;
    for (int c = 0; c < w.columns.kernel; c++) {
      const int column = w.columns.source(x, c);
      if (column >= 0 && column < in.width) body(r * w.columns.kernel + c, long(row) * in.width + column);
    }
  }
}

inline void pack_depthwise(const Node& node, const float* weights, const float* scale, const float* bias, float* to) {
  const int taps = node.window.taps();
  const int channels = node.op == Op::depthwise_convolution ? node.mid.channels : node.in.channels;
  for (int c = 0; c < channels; c++) {
    to[c] = bias ? bias[c] : 0;
    for (int t = 0; t < taps; t++) to[(t + 1L) * channels + c] = weights[c * taps + t] * (scale ? scale[c] : 1.f);
  }
}

/// The taps of output `at` along an axis that lie inside an input of `size`.
constexpr Span taps_inside(const core::Axis& axis, int size, int at) {
  const int first = axis.source(at, 0);
  return {first < 0 ? core::ceil_divide(-first, axis.dilation) : 0,
          std::min(axis.kernel, first < size ? core::ceil_divide(size - first, axis.dilation) : 0)};
}

/// What an output pixel reads where each input channel has one output: weights and inputs of its first tap, both
/// `channels` floats a tap, and the floats to the next tap of a column and of a row.
struct DepthwiseTaps {
  const float *w, *x;
  int rows, columns;
  long w_row, x_row, x_column, channels;
};

/// y[c] = bias[c] + sum over the taps, for `Vectors` vectors of channels.
template <int Vectors>
[[gnu::always_inline]] inline void sum_taps(const DepthwiseTaps& taps, const float* bias, long c, float* y) {
  Vector sum[std::size_t(Vectors)];
  core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA { sum[v] = core::simd::loadu(bias + c + v * width); });
  const float *w_row = taps.w + c, *x_row = taps.x + c;
  for (int r = 0; r < taps.rows; r++, w_row += taps.w_row, x_row += taps.x_row) {
    const float *w = w_row, *x = x_row;
    for (int k = 0; k < taps.columns; k++, w += taps.channels, x += taps.x_column)
      core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA {
        sum[v] = core::simd::fma(core::simd::loadu(w + v * width), core::simd::loadu(x + v * width), sum[v]);
      });
  }
  core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA { core::simd::storeu(y + c + v * width, sum[v]); });
}

STRATA_ONCE void depthwise_convolution(const Call& call, core::Team& team) {
  constexpr int vectors = width == 1 ? 8 : 4;  // sums of channels at once
  const Node& node = *call.node;
  const core::Window& window = node.window;
  const int channels = node.mid.channels, multiplier = channels / node.in.channels;
  const long row_floats = long(node.mid.width) * channels;
  const int held = overwriting_rows(node);
  const bool adds = call.inputs[Input::residual];
  for_each_row(team, call.images(), node.mid.height, [&](int n, int r, int slot) {
    const float* const x = call.input(Input::x, n);
    const bool overwrites = x == call.y(n);  // on one thread: rows in order
    float* const out = overwrites ? call.slot(slot) + r % held * row_floats : call.y(n) + r * row_floats;
    float* y = out;
    const Span rows = taps_inside(window.rows, node.in.height, r);
    for (int p = 0; p < node.mid.width; p++, y += channels) {
      if (multiplier != 1) {
        std::copy_n(call.packed, channels, y);
        for_each_tap(window, node.in, r, p, [&](int tap, long pixel) {
          const float* const w = call.packed + (tap + 1L) * channels;
          for (int c = 0; c < channels; c++) y[c] += w[c] * x[pixel * node.in.channels + c / multiplier];
        });
        continue;
      }
      const Span columns = taps_inside(window.columns, node.in.width, p);
      const long row = long(window.rows.dilation) * node.in.width * channels;
      const long w_at = 1L + rows.first * window.columns.kernel + columns.first;
      const long x_at =
          long(window.rows.source(r, rows.first)) * node.in.width + window.columns.source(p, columns.first);
      const DepthwiseTaps taps{call.packed + w_at * channels,
                               x + x_at * channels,
                               rows.count(),
                               columns.count(),
                               long(window.columns.kernel) * channels,
                               row,
                               long(window.columns.dilation) * channels,
                               channels};
      long c = 0;
      for (; c + vectors * width <= channels; c += vectors * width) sum_taps<vectors>(taps, call.packed, c, y);
      for (; c + width <= channels; c += width) sum_taps<1>(taps, call.packed, c, y);
      for (; c < channels; c++) {
        float sum = call.packed[c];
        for (int a = 0; a < taps.rows; a++)
          for (int b = 0; b < taps.columns; b++)
            sum += taps.w[a * taps.w_row + b * channels + c] * taps.x[a * taps.x_row + b * taps.x_column + c];
        y[c] = sum;
      }
    }
    finish_row(call, out, adds ? call.input(Input::residual, n) + r * row_floats : nullptr, row_floats);
    const int finished = r + 1 == node.mid.height ? r : r + 1 - held;
    for (int k = std::max(0, r + 1 - held); overwrites && k <= finished; k++)
      std::copy_n(call.slot(slot) + k % held * row_floats, row_floats, call.y(n) + k * row_floats);
  });
}

STRATA_ONCE void depthwise_convolution_input_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.in.channels, multiplier = channels / node.out.channels;
  team.for_each(call.images(), [&](int n, int) {
    std::fill_n(call.y(n), node.out.size(), 0.f);
    const float* dy = call.input(Input::dy, n);
    for (int r = 0; r < node.in.height; r++)
      for (int p = 0; p < node.in.width; p++, dy += channels)
        for_each_tap(node.window, node.out, r, p, [&](int tap, long pixel) {
          const float* w = call.packed + (tap + 1L) * channels;
          float* dx = call.y(n) + pixel * node.out.channels;
          for (int c = 0; c < channels; c++) dx[c / multiplier] += w[c] * dy[c];
        });
  });
}

/// Each thread owns its channels.
STRATA_ONCE void depthwise_convolution_weight_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const int channels = node.out.channels, multiplier = channels / node.in.channels, taps = node.window.taps();
  team.for_each(channels, [&](int c, int) {
    float* to = call.step->gradients + node.weights + long(c) * taps;
    for (int t = 0; t < taps; t++) {
      double sum = 0;
      const int tap_row = t / node.window.columns.kernel, tap_column = t % node.window.columns.kernel;
      for (int n = 0; n < call.images(); n++)
        for (int r = 0; r < node.out.height; r++) {
          const int row = node.window.rows.source(r, tap_row);
          if (row < 0 || row >= node.in.height) continue;
          float line = 0;
          for (int p = 0; p < node.out.width; p++) {
            const int column = node.window.columns.source(p, tap_column);
            if (column < 0 || column >= node.in.width) continue;
            line += call.input(Input::x, n)[(long(row) * node.in.width + column) * node.in.channels + c / multiplier] *
                    call.input(Input::dy, n)[(long(r) * node.out.width + p) * channels + c];
          }
          sum += line;
        }
      to[t] = float(call.step->accumulate ? to[t] + sum : sum);
    }
  });
  bias_gradient(call, team);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

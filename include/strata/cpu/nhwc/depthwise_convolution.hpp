// SPDX-License-Identifier: MIT
// Depthwise convolution: y[p][c] = b[c] + sum over taps of w[tap][c] x[p * stride + tap][c / m], and the gradient of
// its input. With multiplier m = 1, channels are vectorized, and where a 3x3 or 5x5 kernel lies inside the map, its
// weights stay in registers along the row. A finished row gets its residual and functor while it is in the cache.
// Packed weights: bias[C], then [tap][C].
#pragma once

#include <strata/cpu/nhwc/convolution.hpp>

#include <numeric>

namespace strata::cpu::nhwc {

STRATA_ONCE void depthwise_convolution(const Call& call, core::Team& team);
STRATA_ONCE void depthwise_convolution_input_gradient(const Call& call, core::Team& team);

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

/// The taps of an axis that reach one element of what is summed, in order: `count` taps from `tap` on, `tap_step`
/// apart, which read elements from `at` on, `at_step` apart.
struct TapRun {
  int tap, tap_step, count, at, at_step;
};

/// Of output `at`: taps inside an input of `size`.
constexpr TapRun taps_of_output(const core::Axis& axis, int size, int at) {
  const int start = axis.source(at);
  const int first = start < 0 ? core::ceil_divide(-start, axis.dilation) : 0;
  const int end = std::min(axis.kernel, start < size ? core::ceil_divide(size - start, axis.dilation) : 0);
  return {first, 1, std::max(0, end - first), axis.source(at, first), axis.dilation};
}

/// Of input `at`: taps through which outputs, of which there are `size`, read it.
constexpr TapRun taps_of_input(const core::Axis& axis, int size, int at) {
  const int step = axis.stride / std::gcd(axis.stride, axis.dilation), at_step = axis.dilation * step / axis.stride;
  for (int tap = 0; tap < axis.kernel; tap++) {
    const int shift = at + axis.before - tap * axis.dilation;
    if (shift < 0) break;
    if (shift % axis.stride != 0 || shift / axis.stride >= size) continue;
    const int taps = core::ceil_divide(axis.kernel - tap, step), outputs = shift / axis.stride / at_step + 1;
    return {tap, step, std::min(taps, outputs), shift / axis.stride, -at_step};
  }
  return {};
}

/// What one pixel sums where each channel has one weight a tap: weights and values of its first tap, and the floats to
/// the next tap of a row and of a column.
struct DepthwiseTaps {
  const float *w, *x;
  int rows, columns;
  long w_row, w_column, x_row, x_column;
};

/// `w`: [taps][channels], of a kernel of `kernel_columns`; `x`: a map of `map_width` columns of `channels`.
inline DepthwiseTaps depthwise_taps(const float* w, const float* x, int kernel_columns, int map_width, long channels,
                                    const TapRun& rows, const TapRun& columns) {
  return {w + (long(rows.tap) * kernel_columns + columns.tap) * channels,
          x + (long(rows.at) * map_width + columns.at) * channels,
          rows.count,
          columns.count,
          long(rows.tap_step) * kernel_columns * channels,
          columns.tap_step * channels,
          long(rows.at_step) * map_width * channels,
          columns.at_step * channels};
}

/// y[c] = bias[c] + sum over the taps, for `Vectors` vectors of channels; without a bias, from 0.
template <int Vectors>
[[gnu::always_inline]] inline void sum_taps(const DepthwiseTaps& taps, const float* bias, long c, float* y) {
  Vector sum[std::size_t(Vectors)];
  core::simd::unroll<Vectors>(
      [&](auto v) STRATA_INLINE_LAMBDA { sum[v] = bias ? core::simd::loadu(bias + c + v * width) : Vector(0.f); });
  const float *w_row = taps.w + c, *x_row = taps.x + c;
  for (int r = 0; r < taps.rows; r++, w_row += taps.w_row, x_row += taps.x_row) {
    const float *w = w_row, *x = x_row;
    for (int k = 0; k < taps.columns; k++, w += taps.w_column, x += taps.x_column)
      core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA {
        sum[v] = core::simd::fma(core::simd::loadu(w + v * width), core::simd::loadu(x + v * width), sum[v]);
      });
  }
  core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA { core::simd::storeu(y + c + v * width, sum[v]); });
}

/// One pixel: y[channels]. The last vector overlaps the one before where channels are no multiple of it.
inline void sum_pixel(const DepthwiseTaps& taps, const float* bias, long channels, float* y) {
  constexpr int vectors = width == 1 ? 8 : 4;  // sums of channels at once
  long c = 0;
  for (; c + vectors * width <= channels; c += vectors * width) sum_taps<vectors>(taps, bias, c, y);
  for (; c + width <= channels; c += width) sum_taps<1>(taps, bias, c, y);
  if (c < channels && channels > width) return sum_taps<1>(taps, bias, channels - width, y);
  for (; c < channels; c++) {
    float sum = bias ? bias[c] : 0;
    for (int a = 0; a < taps.rows; a++)
      for (int b = 0; b < taps.columns; b++)
        sum += taps.w[a * taps.w_row + b * taps.w_column + c] * taps.x[a * taps.x_row + b * taps.x_column + c];
    y[c] = sum;
  }
}

/// The same for `pixels` pixels of a row, whose first taps are `step` floats apart, and `Vectors` vectors of channels:
/// the weights stay in registers.
template <int Rows, int Columns, int Vectors>
[[gnu::always_inline]] inline void sum_row(const DepthwiseTaps& taps, const float* bias, long c, long step, int pixels,
                                           long channels, float* y) {
  Vector w[std::size_t(Rows)][std::size_t(Columns)][std::size_t(Vectors)], start[std::size_t(Vectors)];
  core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA {
    start[v] = bias ? core::simd::loadu(bias + c + v * width) : Vector(0.f);
    core::simd::unroll<Rows>([&](auto r) STRATA_INLINE_LAMBDA {
      core::simd::unroll<Columns>([&](auto k) STRATA_INLINE_LAMBDA {
        w[r][k][v] = core::simd::loadu(taps.w + r * taps.w_row + k * taps.w_column + c + v * width);
        core::simd::pin(w[r][k][v]);
      });
    });
  });
  const float* x = taps.x + c;
  y += c;
  for (int p = 0; p < pixels; p++, x += step, y += channels)
    core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      Vector sum = start[v];
      core::simd::unroll<Rows>([&](auto r) STRATA_INLINE_LAMBDA {
        core::simd::unroll<Columns>([&](auto k) STRATA_INLINE_LAMBDA {
          sum = core::simd::fma(w[r][k][v], core::simd::loadu(x + r * taps.x_row + k * taps.x_column + v * width), sum);
        });
      });
      core::simd::storeu(y + v * width, sum);
    });
}

/// sum_row over all channels, of which there is at least a vector.
template <int Rows, int Columns>
[[gnu::noinline]] void sum_pixels(const DepthwiseTaps& taps, const float* bias, long step, int pixels, long channels,
                                  float* y) {
  constexpr int vectors = Rows * Columns * 2 + 4 <= core::simd::registers ? 2 : 1;
  long c = 0;
  for (; c + vectors * width <= channels; c += vectors * width)
    sum_row<Rows, Columns, vectors>(taps, bias, c, step, pixels, channels, y);
  for (; c + width <= channels; c += width) sum_row<Rows, Columns, 1>(taps, bias, c, step, pixels, channels, y);
  if (c < channels) sum_row<Rows, Columns, 1>(taps, bias, channels - width, step, pixels, channels, y);
}

/// Whether a kernel's weights fit into registers, next to a few vectors.
constexpr bool weights_fit(int rows, int columns) { return rows * columns + 4 <= core::simd::registers; }

/// A row y of `size` pixels. columns_of(p): the taps of its pixel p, of which those in `inside` have all; there, the
/// first taps of neighbors are `step` floats apart. taps_of(p): the same with the taps of the row.
template <class TapsOf>
void sum_row_of(const core::Window& window, int rows, Span inside, long step, int size, const float* bias,
                long channels, float* y, TapsOf&& taps_of) {
  const auto pixels = [&](int from, int end) {
    for (int p = from; p < end; p++) sum_pixel(taps_of(p), bias, channels, y + p * channels);
  };
  const auto fits = [&](int kernel) {
    return weights_fit(kernel, kernel) && rows == kernel && window.columns.kernel == kernel;
  };
  const bool by_row = (fits(3) || fits(5)) && channels >= width && inside.count() > 0;
  if (!by_row) return pixels(0, size);
  pixels(0, inside.first);
  const DepthwiseTaps taps = taps_of(inside.first);
  float* const to = y + inside.first * channels;
  if (rows == 3) sum_pixels<3, 3>(taps, bias, step, inside.count(), channels, to);
  else if constexpr (weights_fit(5, 5)) sum_pixels<5, 5>(taps, bias, step, inside.count(), channels, to);
  pixels(inside.end, size);
}

/// The outputs all of whose taps lie inside an input of `in`.
constexpr Span outputs_inside(const core::Axis& axis, int in, int out) {
  return {valid_outputs(in, out, axis.stride, axis.source(0)).first,
          valid_outputs(in, out, axis.stride, axis.source(0, axis.kernel - 1)).end};
}

STRATA_ONCE void depthwise_convolution(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const core::Window& window = node.window;
  const int channels = node.mid.channels, multiplier = channels / node.in.channels;
  const long row_floats = long(node.mid.width) * channels;
  const int held = overwriting_rows(node);
  const bool adds = call.inputs[Input::residual];
  const Span inside = outputs_inside(window.columns, node.in.width, node.mid.width);
  for_each_row(team, call.images(), node.mid.height, [&](int n, int r, int slot) {
    const float* const x = call.input(Input::x, n);
    const bool overwrites = x == call.y(n);  // on one thread: rows in order
    float* const out = overwrites ? call.slot(slot) + r % held * row_floats : call.y(n) + r * row_floats;
    if (multiplier == 1) {
      const TapRun rows = taps_of_output(window.rows, node.in.height, r);
      sum_row_of(window, rows.count, inside, long(window.columns.stride) * channels, node.mid.width, call.packed,
                 channels, out, [&](int p) {
                   return depthwise_taps(call.packed + channels, x, window.columns.kernel, node.in.width, channels,
                                         rows, taps_of_output(window.columns, node.in.width, p));
                 });
    } else {
      float* y = out;
      for (int p = 0; p < node.mid.width; p++, y += channels) {
        std::copy_n(call.packed, channels, y);
        for_each_tap(window, node.in, r, p, [&](int tap, long pixel) {
          const float* const w = call.packed + (tap + 1L) * channels;
          for (int c = 0; c < channels; c++) y[c] += w[c] * x[pixel * node.in.channels + c / multiplier];
        });
      }
    }
    finish_row(call, out, adds ? call.input(Input::residual, n) + r * row_floats : nullptr, row_floats);
    const int finished = r + 1 == node.mid.height ? r : r + 1 - held;
    for (int k = std::max(0, r + 1 - held); overwrites && k <= finished; k++)
      std::copy_n(call.slot(slot) + k % held * row_floats, row_floats, call.y(n) + k * row_floats);
  });
}

/// dx[q][c] = sum over the taps through which output pixels p read q of w[tap][c] dy[p][c]: each pixel gathers what it
/// has given.
STRATA_ONCE void depthwise_convolution_input_gradient(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const core::Window& window = node.window;
  const Shape from = node.in, to = node.out;
  if (from.channels != to.channels) {
    const int multiplier = from.channels / to.channels;
    return team.for_each(call.images(), [&](int n, int) {
      std::fill_n(call.y(n), to.size(), 0.f);
      const float* dy = call.input(Input::dy, n);
      for (int r = 0; r < from.height; r++)
        for (int p = 0; p < from.width; p++, dy += from.channels)
          for_each_tap(window, to, r, p, [&](int tap, long pixel) {
            const float* w = call.packed + (tap + 1L) * from.channels;
            float* dx = call.y(n) + pixel * to.channels;
            for (int c = 0; c < from.channels; c++) dx[c / multiplier] += w[c] * dy[c];
          });
    });
  }
  const long channels = to.channels;
  // Where strides are 1, the inputs all of whose taps read an output.
  const core::Axis& columns = window.columns;
  const Span inside = columns.stride != 1 ? Span{0, 0}
                                          : Span{columns.extent() - 1 - columns.before,
                                                 std::min(to.width, from.width - columns.before)};
  const bool has_inside = inside.first >= 0 && inside.count() > 0;
  for_each_row(team, call.images(), to.height, [&](int n, int r, int) {
    const TapRun rows = taps_of_input(window.rows, from.height, r);
    sum_row_of(window, rows.count, has_inside ? inside : Span{0, 0}, channels, to.width, nullptr, channels,
               call.y(n) + r * to.width * channels, [&](int p) {
                 return depthwise_taps(call.packed + channels, call.input(Input::dy, n), columns.kernel, from.width,
                                       channels, rows, taps_of_input(columns, from.width, p));
               });
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

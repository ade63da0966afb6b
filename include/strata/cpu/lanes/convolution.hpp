// SPDX-License-Identifier: MIT
// Convolution of a group of images: y[o][p] = b[o] + sum over (i, tap) of w[o][i][tap] x[i][p * stride + tap], with the
// epilogues residual, functor and max pool. The gradient of the input is the same sum over dy with mirrored weights.
#pragma once

#include <strata/cpu/lanes/border.hpp>
#include <strata/cpu/lanes/functor.hpp>
#include <strata/cpu/lanes/tile.hpp>

namespace strata::cpu::lanes {

/// A convolution as the kernel sees it: a padded input, an output, a window, `taps` terms per sum.
struct Convolution {
  Border border{};
  Shape out{};
  core::Window window{};
  int taps = 0;

  constexpr int tiles() const { return core::ceil_divide(out.channels, tile_out); }
  /// Packed: for each tile of output channels, tile_out biases, then tile_out weights for each tap.
  constexpr long tile_floats() const { return (taps + 1L) * tile_out; }
  constexpr long packed_floats() const { return tiles() * tile_floats(); }
  constexpr long offset_floats() const { return whole_lines(taps); }
};

constexpr Convolution convolution_of(const Node& node) {
  const core::Window& w = node.window;
  if (node.op == graph::Op::convolution_input_gradient)
    return {gradient_border(node.in, node.out, w),
            node.out,
            {w.rows.mirrored(), w.columns.mirrored()},
            node.in.channels * w.taps()};
  return {forward_border(node.in, w), node.mid, w, node.in.channels * w.taps()};
}

STRATA_ONCE void pool_tiles(const float* x, int channels, int rows, int columns, const core::Window& w, float* y,
                            long to_plane);

#if STRATA_HAS_BODIES

/// Packs OIHW weights. `mirrored`: for the gradient of the input, where input and output channels swap. channel_scale
/// and bias may be null.
inline void pack_convolution(const Convolution& c, const core::Window& w, bool mirrored, const float* weights,
                             const float* channel_scale, const float* bias, float* to) {
  const int taps = w.taps(), in = c.border.shape.channels;
  for (int tile = 0; tile < c.tiles(); tile++, to += c.tile_floats())
    for (int j = 0; j < tile_out; j++) {
      const int o = tile * tile_out + j;
      const bool exists = o < c.out.channels;
      to[j] = exists && bias ? bias[o] : 0;
      const float scale = exists && channel_scale ? channel_scale[o] : 1;
      for (int i = 0; i < in; i++)
        for (int t = 0; t < taps; t++) {
          const long from =
              mirrored ? (long(i) * c.out.channels + o) * taps + taps - 1 - t : (long(o) * in + i) * taps + t;
          to[(1 + i * taps + t) * tile_out + j] = exists ? weights[from] * scale : 0;
        }
    }
}

#endif  // STRATA_HAS_BODIES

/// Walks the addresses of the windows of consecutive output pixels, row by row.
struct PixelWalk {
  const float* at;
  long step, turn;
  int columns, column = 0;
  [[gnu::always_inline]] const float* next() {
    const float* now = at;
    at += step;
    if (++column == columns) column = 0, at += turn;
    return now;
  }
};

template <int Pixels, class Finish>
[[gnu::always_inline]] inline void convolve_pixels(const Convolution& c, PixelWalk& walk, const int* offset,
                                                   const float* packed, int p, Finish& finish) {
  const float* pixel[std::size_t(Pixels)];
  core::simd::unroll<Pixels>([&](auto i) STRATA_INLINE_LAMBDA { pixel[i] = walk.next(); });
  for (int o = 0; o < c.out.channels; o += tile_out, packed += c.tile_floats()) {
    Vector sum[tile_out][std::size_t(Pixels)];
    core::simd::unroll<tile_out>([&](auto j) STRATA_INLINE_LAMBDA {
      const Vector bias(packed[j]);
      core::simd::unroll<Pixels>([&](auto i) STRATA_INLINE_LAMBDA { sum[j][i] = bias; });
    });
    multiply<tile_out, Pixels>(pixel, offset, c.taps, packed + tile_out, sum);
    finish(o, p, sum);
  }
}

/// Output rows [first, first + rows). finish(o, p, sum) consumes the sums of channels o, ... and pixels p, ..., counted
/// from row `first`.
template <class Finish>
[[gnu::always_inline]] inline void convolve(const Convolution& c, const float* bordered, const int* offset,
                                            const float* packed, int first, int rows, Finish&& finish) {
  const long row = c.window.rows.stride * c.border.row(), step = long(c.window.columns.stride) * width;
  PixelWalk walk{bordered + first * row, step, row - c.out.width * step, c.out.width};
  const int pixels = rows * c.out.width;
  int p = 0;
  for (; p + tile_pixels <= pixels; p += tile_pixels) convolve_pixels<tile_pixels>(c, walk, offset, packed, p, finish);
  for (; p < pixels; p++) convolve_pixels<1>(c, walk, offset, packed, p, finish);
}

/// y[o][p] = f(sum (+ residual[o][p])). `plane` and `residual_plane` are the floats from channel to channel.
template <class F>
struct Store {
  float* y;
  long plane;
  int channels;
  const float* residual = nullptr;
  long residual_plane = 0;

  template <std::size_t Out, std::size_t Pixels>
  [[gnu::always_inline]] void operator()(int o, int p, const Vector (&sum)[Out][Pixels]) const {
    core::simd::unroll<int(Out)>([&](auto j) STRATA_INLINE_LAMBDA {
      if (o + j >= channels) return;
      core::simd::unroll<int(Pixels)>([&](auto i) STRATA_INLINE_LAMBDA {
        const long at = long(p + i) * width;
        Vector v = sum[j][i];
        if (residual) v = v + core::simd::load(residual + (o + j) * residual_plane + at);
        core::simd::store(y + (o + j) * plane + at, F::f(v));
      });
    });
  }
};

#if STRATA_HAS_BODIES

/// Max pool over non-overlapping windows: `channels` planes of `rows` x `columns`, to planes `to_plane` floats apart.
STRATA_ONCE void pool_tiles(const float* x, int channels, int rows, int columns, const core::Window& w, float* y,
                            long to_plane) {
  const long row = long(columns) * width;
  for (int c = 0; c < channels; c++, x += rows * row) {
    float* to = y + c * to_plane;
    for (int r = 0; r + w.rows.kernel <= rows; r += w.rows.kernel)
      for (int i = 0; i + w.columns.kernel <= columns; i += w.columns.kernel, to += width) {
        const float* from = x + r * row + long(i) * width;
        Vector best = core::simd::load(from);
        if (w.rows.kernel == 2 && w.columns.kernel == 2) {  // the usual size, written out
          const Vector below = maximum(core::simd::load(from + row), core::simd::load(from + row + width));
          core::simd::store(to, maximum(maximum(best, core::simd::load(from + width)), below));
          continue;
        }
        for (int a = 0; a < w.rows.kernel; a++)
          for (int b = 0; b < w.columns.kernel; b++) best = maximum(best, core::simd::load(from + a * row + b * width));
        core::simd::store(to, best);
      }
  }
}

#endif  // STRATA_HAS_BODIES

constexpr long convolution_workspace(const Node& node) {
  const Convolution c = convolution_of(node);
  const long strip =
      node.epilogue.pools ? long(node.epilogue.pool.rows.kernel) * node.mid.width * node.mid.channels * width : 0;
  return c.offset_floats() + c.border.floats() + strip;
}

template <class F>
void convolution(const Call& call) {
  const Node& node = *call.node;
  const Convolution c = convolution_of(node);
  int* const offset = reinterpret_cast<int*>(call.workspace);
  float* const bordered = call.workspace + c.offset_floats();
  tap_offsets(c.border, node.window, offset);
  copy_with_border(call.inputs.first(), c.border, bordered);
  const float* const residual = call.inputs[Input::residual];
  const long row = long(c.out.width) * width, plane = row * c.out.height;
  float* const strip = bordered + c.border.floats();
  const int rows = node.epilogue.pools ? node.epilogue.pool.rows.kernel : c.out.height,
            strips = node.epilogue.pools ? node.out.height : 1;
  const long pooled_row = long(node.out.width) * width;
  for (int r = 0; r < strips; r++) {  // a single call of convolve, so that gcc keeps its sums in registers
    convolve(c, bordered, offset, call.packed, r * rows, rows,
             Store<F>{node.epilogue.pools ? strip : call.y, rows * row, c.out.channels,
                      residual ? residual + r * rows * row : nullptr, plane});
    if (node.epilogue.pools)
      pool_tiles(strip, c.out.channels, rows, c.out.width, node.epilogue.pool, call.y + r * pooled_row,
                 pooled_row * node.out.height);
  }
}

}  // namespace strata::cpu::lanes

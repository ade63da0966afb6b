// SPDX-License-Identifier: MIT
// 3x3 convolutions of stride 1 by Winograd's F(4x4, 3x3): a tile of 4x4 outputs costs 36 products per pair of channels
// instead of 144.  y = A'[ sum over i of (G g[o][i] G') (B' d[i] B) ]A  where d is a tile of 6x6 inputs. With images in
// the lanes, all transforms are arithmetic on whole vectors. The gradient of the input is the same over dy with
// mirrored weights.
// Source: Lavin, Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.
#pragma once

#include <strata/cpu/lanes/convolution.hpp>

namespace strata::cpu::lanes {

struct Winograd {
  static constexpr int side = 4;     ///< of a tile of outputs
  static constexpr int reach = 6;    ///< of the tile of inputs that a tile of outputs needs
  static constexpr int points = 36;  ///< of the transformed tile
  Border border{};
  Shape out{};
  int tiles_high = 0, tiles_wide = 0;

  constexpr int inputs() const { return border.shape.channels; }
  constexpr int blocks() const { return core::ceil_divide(out.channels, tile_out); }
  /// Packed: for each block of tile_out output channels, their biases, then [point][input channel][channel of the
  /// block].
  constexpr long block_floats() const { return (1L + points * inputs()) * tile_out; }
  constexpr long packed_floats() const { return blocks() * block_floats(); }

  // The workspace: offsets of the channels, and the three stages of a row of tiles.
  constexpr long offset_floats() const { return whole_lines(inputs()); }
  constexpr long rows_floats() const { return (reach + 1) * border.row(); }  ///< B' d of a channel and a row of zeros
  constexpr long input_step() const { return odd_lines(long(inputs()) * tiles_wide * width); }  ///< from point to point
  constexpr long product_step() const { return odd_lines(long(tile_out) * tiles_wide * width); }
  constexpr long input_floats() const { return points * input_step(); }      ///< [point][channel][tile]
  constexpr long product_floats() const { return points * product_step(); }  ///< [point][channel][tile]
  constexpr long workspace() const { return offset_floats() + rows_floats() + input_floats() + product_floats(); }
};

constexpr Winograd winograd_of(const Node& node) {
  const Convolution c = convolution_of(node);
  constexpr int side = Winograd::side, reach = Winograd::reach;
  Winograd w{c.border, c.out, core::ceil_divide(c.out.height, side), core::ceil_divide(c.out.width, side)};
  w.border.columns = side * w.tiles_wide + reach - side;  // zeros past the edge where the tiles overhang
  return w;
}

constexpr bool can_use_winograd(const Node& node) {
  const auto suits = [](const core::Axis& a) {
    return a.kernel == 3 && a.stride == 1 && a.dilation == 1 && a.before <= 2;
  };
  return (node.op == graph::Op::convolution || node.op == graph::Op::convolution_input_gradient) &&
         suits(node.window.rows) && suits(node.window.columns) &&
         (!node.epilogue.pools || (node.epilogue.pool.rows.kernel == 2 && node.epilogue.pool.columns.kernel == 2));
}

/// Whether a node that can be computed this way takes fewer multiply-adds than by the direct sum. Per tile, a transform
/// costs about 150 multiply-adds per input channel and 130 per output channel, and half as much again in loads and
/// stores.
constexpr bool winograd_saves(const Node& node) {
  const Winograd g = winograd_of(node);
  const long tiles = long(g.tiles_high) * g.tiles_wide, inputs = g.inputs(), outputs = long(g.blocks()) * tile_out;
  const long direct = 9L * g.out.pixels() * inputs * outputs;
  return tiles * (Winograd::points * inputs * outputs + 225 * inputs + 195 * outputs) < direct;
}

#if STRATA_HAS_BODIES

/// Packs OIHW weights; the arguments are those of pack_convolution.
inline void pack_winograd(const Winograd& g, bool mirrored, const float* weights, const float* channel_scale,
                          const float* bias, float* to) {
  const int in = g.inputs();
  for (int block = 0; block < g.blocks(); block++, to += g.block_floats())
    for (int j = 0; j < tile_out; j++) {
      const int o = block * tile_out + j;
      const bool exists = o < g.out.channels;
      to[j] = exists && bias ? bias[o] : 0;
      const float scale = exists && channel_scale ? channel_scale[o] : 1;
      for (int i = 0; i < in; i++) {
        float w[9], half[6][3];
        for (int t = 0; t < 9; t++) {
          const long from = mirrored ? (long(i) * g.out.channels + o) * 9 + 8 - t : (long(o) * in + i) * 9 + t;
          w[t] = exists ? weights[from] * scale : 0;
        }
        const auto transform = [](float a, float b, float c, auto&& put) {  // G
          put(0, a / 4), put(1, -(a + b + c) / 6), put(2, -(a - b + c) / 6);
          put(3, (a + 2 * b + 4 * c) / 24), put(4, (a - 2 * b + 4 * c) / 24), put(5, c);
        };
        for (int c = 0; c < 3; c++) transform(w[c], w[3 + c], w[6 + c], [&](int r, float v) { half[r][c] = v; });
        for (int r = 0; r < 6; r++)
          transform(half[r][0], half[r][1], half[r][2],
                    [&](int c, float v) { to[(1L + (6 * r + c) * in + i) * tile_out + j] = v; });
      }
    }
}

/// B' of six vectors.
[[gnu::always_inline]] inline void transform_six(const Vector (&d)[6], Vector (&t)[6]) {
  const Vector four(4.f), two(2.f);
  const Vector even = d[4] - four * d[2], odd = d[3] - four * d[1], near = d[4] - d[2], far = two * (d[3] - d[1]);
  t[0] = core::simd::fma(four, d[0] - d[2], near);
  t[1] = even + odd, t[2] = even - odd;
  t[3] = near + far, t[4] = near - far;
  t[5] = core::simd::fma(four, d[1] - d[3], d[5] - d[3]);
}

#endif  // STRATA_HAS_BODIES

/// A' of six vectors.
[[gnu::always_inline]] inline void transform_back(const Vector (&m)[6], Vector (&y)[4]) {
  const Vector sum = m[1] + m[2], difference = m[1] - m[2], sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  y[0] = m[0] + sum + sum2;
  y[1] = core::simd::fma(Vector(2.f), difference2, difference);
  y[2] = core::simd::fma(Vector(4.f), sum2, sum);
  y[3] = core::simd::fma(Vector(8.f), difference2, difference) + m[5];
}

#if STRATA_HAS_BODIES

[[gnu::noinline]] STRATA_ONCE void transform_inputs(const Winograd& g, const float* x, int tile_row, float* rows,
                                                    float* to) {
  const long row = g.border.row(), point_step = g.input_step(), line = long(g.border.shape.width) * width;
  const float* from[6];
  for (int r = 0; r < 6; r++) {
    const int y = Winograd::side * tile_row - g.border.top + r;
    from[r] = y >= 0 && y < g.border.shape.height ? x + y * line : rows + 6 * row;
  }
  const long left = long(g.border.left) * width, end = std::min(line, row - left);
  float* const body = rows + left;
  for (long at = 0; at < end; at += width) {
    Vector d[6], t[6];
    core::simd::unroll<6>([&](auto r) STRATA_INLINE_LAMBDA { d[r] = core::simd::load(from[r] + at); });
    transform_six(d, t);
    core::simd::unroll<6>([&](auto r) STRATA_INLINE_LAMBDA { core::simd::store(body + r * row + at, t[r]); });
  }
  for (int r = 0; r < 6; r++, rows += row, to += 6 * point_step)
    for (int tile = 0; tile < g.tiles_wide; tile++) {
      Vector d[6], t[6];
      core::simd::unroll<6>([&](auto c)
                                STRATA_INLINE_LAMBDA { d[c] = core::simd::load(rows + (4L * tile + c) * width); });
      transform_six(d, t);
      core::simd::unroll<6>(
          [&](auto c) STRATA_INLINE_LAMBDA { core::simd::store(to + c * point_step + long(tile) * width, t[c]); });
    }
}

[[gnu::noinline]] STRATA_ONCE void multiply_points(const Winograd& g, const float* inputs, const int* offset,
                                                   const float* weights, float* products) {
  const int tiles = g.tiles_wide, in = g.inputs();
  for (int point = 0; point < Winograd::points; point++) {
    const auto tile = [&]<int Count>(std::integral_constant<int, Count>, int t) STRATA_INLINE_LAMBDA {
      const float* x[std::size_t(Count)];
      core::simd::unroll<Count>([&](auto i) STRATA_INLINE_LAMBDA { x[i] = inputs + long(t + i) * width; });
      Vector sum[tile_out][std::size_t(Count)];
      core::simd::unroll<tile_out>([&](auto j) STRATA_INLINE_LAMBDA {
        core::simd::unroll<Count>([&](auto i) STRATA_INLINE_LAMBDA { sum[j][i] = Vector(0.f); });
      });
      multiply<tile_out, Count>(x, offset, in, weights, sum);
      core::simd::unroll<tile_out>([&](auto j) STRATA_INLINE_LAMBDA {
        core::simd::unroll<Count>([&](auto i) STRATA_INLINE_LAMBDA {
          core::simd::store(products + (long(j) * tiles + t + i) * width, sum[j][i]);
        });
      });
    };
    int t = 0;  // end with two pairs rather than a three and a one
    for (; tiles - t > 4 || tiles - t == 3; t += 3) tile(std::integral_constant<int, 3>{}, t);
    for (; tiles - t >= 2; t += 2) tile(std::integral_constant<int, 2>{}, t);
    for (; t < tiles; t++) tile(std::integral_constant<int, 1>{}, t);
    inputs += g.input_step();
    weights += long(in) * tile_out;
    products += g.product_step();
  }
}

#else

STRATA_ONCE void transform_inputs(const Winograd& g, const float* x, int tile_row, float* rows, float* to);
STRATA_ONCE void multiply_points(const Winograd& g, const float* inputs, const int* offset, const float* weights,
                                 float* products);

#endif  // STRATA_HAS_BODIES

/// A'm A of the tile whose points are `step` floats apart: y[row][column].
[[gnu::always_inline]] inline void transform_outputs(const float* m, long step, Vector bias, Vector (&y)[4][4]) {
  Vector half[4][6];
  core::simd::unroll<6>([&](auto c) STRATA_INLINE_LAMBDA {
    Vector column[6], out[4];
    core::simd::unroll<6>([&](auto r) STRATA_INLINE_LAMBDA { column[r] = core::simd::load(m + (6 * r + c) * step); });
    transform_back(column, out);
    core::simd::unroll<4>([&](auto r) STRATA_INLINE_LAMBDA { half[r][c] = out[r]; });
  });
  core::simd::unroll<4>([&](auto r) STRATA_INLINE_LAMBDA {
    transform_back(half[r], y[r]);
    core::simd::unroll<4>([&](auto c) STRATA_INLINE_LAMBDA { y[r][c] = y[r][c] + bias; });
  });
}

/// Finishes one output channel of a row of tiles: residual, functor and pool. y, residual: the channel's planes.
template <class F>
inline void finish_tiles(const Winograd& g, bool pools, const float* products, float bias, int row,
                         const float* residual, float* y) {
  constexpr int side = Winograd::side;
  const long step = g.product_step(), line = long(g.out.width) * width;
  const int rows = std::min(side, g.out.height - side * row);
  for (int t = 0; t < g.tiles_wide; t++, products += width) {
    Vector v[side][side];
    transform_outputs(products, step, Vector(bias), v);
    const int columns = std::min(side, g.out.width - side * t);
    const long first = side * row * line + side * long(t) * width;
    if (pools) {
      const long pooled = g.out.width / 2 * long(width);
      core::simd::unroll<side / 2>([&](auto r) STRATA_INLINE_LAMBDA {
        core::simd::unroll<side / 2>([&](auto c) STRATA_INLINE_LAMBDA {
          if (2 * r + 1 >= rows || 2 * c + 1 >= columns) return;
          Vector best;
          core::simd::unroll<4>([&](auto k) STRATA_INLINE_LAMBDA {
            constexpr int a = 2 * r + k / 2, b = 2 * c + k % 2;
            const Vector sum = residual ? v[a][b] + core::simd::load(residual + first + a * line + b * width) : v[a][b];
            best = k == 0 ? F::f(sum) : maximum(best, F::f(sum));
          });
          core::simd::store(y + (side / 2 * row + r) * pooled + (side / 2 * t + c) * width, best);
        });
      });
      continue;
    }
    core::simd::unroll<side>([&](auto r) STRATA_INLINE_LAMBDA {
      if (r >= rows) return;
      core::simd::unroll<side>([&](auto c) STRATA_INLINE_LAMBDA {
        if (c >= columns) return;
        const long at = first + r * line + c * width;
        core::simd::store(y + at, F::f(residual ? v[r][c] + core::simd::load(residual + at) : v[r][c]));
      });
    });
  }
}

template <class F>
void winograd_convolution(const Call& call) {
  const Node& node = *call.node;
  const Winograd g = winograd_of(node);
  int* const offset = reinterpret_cast<int*>(call.workspace);
  float* const rows = call.workspace + g.offset_floats();
  float *const inputs = rows + g.rows_floats(), *const products = inputs + g.input_floats();
  const long channel_step = long(g.tiles_wide) * width;
  for (int i = 0; i < g.inputs(); i++) offset[i] = int(i * channel_step);
  std::memset(rows, 0, sizeof(float) * std::size_t(g.rows_floats()));
  const long x_plane = long(g.border.shape.pixels()) * width;
  const float* const residual = call.inputs[Input::residual];
  const long plane = long(g.out.pixels()) * width,
             y_plane = node.epilogue.pools ? long(node.out.pixels()) * width : plane;

  for (int row = 0; row < g.tiles_high; row++) {
    for (int i = 0; i < g.inputs(); i++)
      transform_inputs(g, call.inputs.first() + i * x_plane, row, rows, inputs + i * channel_step);
    const float* packed = call.packed;
    for (int o = 0; o < g.out.channels; o += tile_out, packed += g.block_floats()) {
      multiply_points(g, inputs, offset, packed + tile_out, products);
      for (int j = 0; j < tile_out && o + j < g.out.channels; j++)
        finish_tiles<F>(g, node.epilogue.pools, products + j * channel_step, packed[j], row,
                        residual ? residual + (o + j) * plane : nullptr, call.y + (o + j) * y_plane);
    }
  }
}

}  // namespace strata::cpu::lanes

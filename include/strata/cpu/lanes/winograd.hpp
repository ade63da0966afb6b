// SPDX-License-Identifier: MIT
// 3x3 convolutions of stride 1 by Winograd's F(2x2, 3x3): a tile of 2x2 outputs costs 16 products for each pair of channels
// instead of 36.  y = A'[ sum over i of (G g[o][i] G') (B' d[i] B) ]A  with d a tile of 4x4 inputs. With images in the lanes
// all transforms are sums of whole vectors. The gradient of the input is the same over dy with mirrored weights.
// Source: Lavin, Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.
#pragma once

#include <strata/cpu/lanes/convolution.hpp>

namespace strata::cpu::lanes {

struct Winograd {
  static constexpr int points = 16;  ///< of the transformed tile
  Border border{};
  Shape out{};
  int tiles_high = 0, tiles_wide = 0;

  constexpr int inputs() const { return border.shape.channels; }
  constexpr int blocks() const { return (out.channels + tile_out - 1) / tile_out; }
  /// Packed: for each block of tile_out output channels their biases, then [point][input channel][channel of the block].
  constexpr long block_floats() const { return (1L + points * inputs()) * tile_out; }
  constexpr long packed_floats() const { return blocks() * block_floats(); }

  // The workspace: bordered input, offsets of the channels, a row of tiles in four stages.
  constexpr long offset_floats() const { return (inputs() + 15) / 16 * 16; }
  constexpr long rows_floats() const { return 4L * border.columns * width; }                      ///< B' d of one channel
  constexpr long input_floats() const { return long(points) * inputs() * tiles_wide * width; }    ///< [point][channel][tile]
  constexpr long product_floats() const { return long(points) * tile_out * tiles_wide * width; }  ///< [point][channel][tile]
  constexpr long workspace() const { return border.floats() + offset_floats() + rows_floats() + input_floats() + product_floats(); }
};

constexpr Winograd winograd_of(const Node& node) {
  const Convolution c = convolution_of(node);
  Winograd w{c.border, c.out, (c.out.height + 1) / 2, (c.out.width + 1) / 2};
  w.border.rows = 2 * w.tiles_high + 2;  // an odd edge reads one row or column of zeros more
  w.border.columns = 2 * w.tiles_wide + 2;
  return w;
}

/// Whether the node can be computed this way and gains by it: sums of the transforms and products of each way, a sum
/// weighing one and a half, since it has more loads and stores.
constexpr bool takes_winograd(const Node& node) {
  if (node.op != graph::Op::convolution && node.op != graph::Op::convolution_input_gradient) return false;
  const Window& w = node.window;
  if (w.kernel_height != 3 || w.kernel_width != 3 || w.stride_height != 1 || w.stride_width != 1 || w.dilation_height != 1 ||
      w.dilation_width != 1 || w.pad_top > 2 || w.pad_left > 2)
    return false;
  if (node.pools && (node.pool.kernel_height != 2 || node.pool.kernel_width != 2)) return false;
  const Winograd g = winograd_of(node);
  const long tiles = long(g.tiles_high) * g.tiles_wide, inputs = g.inputs(), outputs = long(g.blocks()) * tile_out;
  const long direct = 9L * g.out.pixels() * inputs * outputs;
  return tiles * (16 * inputs * outputs + 3 * (24 * inputs + 24 * outputs) / 2) < direct;
}

/// Packs OIHW weights as pack_convolution does.
inline void pack_winograd(const Winograd& g, bool mirrored, const float* weights, const float* channel_scale, const float* bias,
                          float* to) {
  const int in = g.inputs();
  for (int block = 0; block < g.blocks(); block++, to += g.block_floats())
    for (int j = 0; j < tile_out; j++) {
      const int o = block * tile_out + j;
      const bool exists = o < g.out.channels;
      to[j] = exists && bias ? bias[o] : 0;
      const float scale = exists && channel_scale ? channel_scale[o] : 1;
      for (int i = 0; i < in; i++) {
        float w[9], half[4][3], full[4];
        for (int t = 0; t < 9; t++) {
          const long from = mirrored ? (long(i) * g.out.channels + o) * 9 + 8 - t : (long(o) * in + i) * 9 + t;
          w[t] = exists ? weights[from] * scale : 0;
        }
        const auto transform = [](float a, float b, float c, auto&& put) {
          put(0, a), put(1, (a + b + c) / 2), put(2, (a - b + c) / 2), put(3, c);
        };
        for (int c = 0; c < 3; c++) transform(w[c], w[3 + c], w[6 + c], [&](int r, float v) { half[r][c] = v; });
        for (int r = 0; r < 4; r++) {
          transform(half[r][0], half[r][1], half[r][2], [&](int c, float v) { full[c] = v; });
          for (int c = 0; c < 4; c++) to[(1L + (4 * r + c) * in + i) * tile_out + j] = full[c];
        }
      }
    }
}

/// B' d B of a row of tiles of one channel; from: its first row in the bordered input. To [point][...][tile], points
/// `point_step` floats apart. rows: room for four rows.
[[gnu::noinline]] inline void transform_inputs(const Winograd& g, const float* from, float* rows, float* to, long point_step) {
  const long row = g.border.row();
  for (long at = 0; at < row; at += width) {
    const Vector a = simd::load(from + at), b = simd::load(from + row + at), c = simd::load(from + 2 * row + at),
                 d = simd::load(from + 3 * row + at);
    simd::store(rows + at, a - c);
    simd::store(rows + row + at, b + c);
    simd::store(rows + 2 * row + at, c - b);
    simd::store(rows + 3 * row + at, b - d);
  }
  for (int r = 0; r < 4; r++, rows += row, to += 4 * point_step) {
    Vector a = simd::load(rows), b = simd::load(rows + width);
    for (int t = 0; t < g.tiles_wide; t++) {
      const float* const next = rows + (2L * t + 2) * width;
      const Vector c = simd::load(next), d = simd::load(next + width);
      float* const put = to + long(t) * width;
      simd::store(put, a - c);
      simd::store(put + point_step, b + c);
      simd::store(put + 2 * point_step, c - b);
      simd::store(put + 3 * point_step, b - d);
      a = c, b = d;
    }
  }
}

/// products[point][j][t] = sum over channels i of weights[point][i][j] * inputs[point][i][t]
[[gnu::noinline]] inline void multiply_points(const Winograd& g, const float* inputs, const int* offset, const float* weights, float* products) {
  const int tiles = g.tiles_wide, in = g.inputs();
  for (int point = 0; point < Winograd::points; point++) {
    const auto tile = [&]<int Count>(std::integral_constant<int, Count>, int t) STRATA_INLINE_LAMBDA {
      const float* x[Count];
      simd::unroll<Count>([&](auto i) STRATA_INLINE_LAMBDA { x[i] = inputs + long(t + i) * width; });
      Vector sum[tile_out][Count];
      simd::unroll<tile_out>([&](auto j) STRATA_INLINE_LAMBDA {
        simd::unroll<Count>([&](auto i) STRATA_INLINE_LAMBDA { sum[j][i] = Vector(0.f); });
      });
      multiply<tile_out, Count>(x, offset, in, weights, sum);
      simd::unroll<tile_out>([&](auto j) STRATA_INLINE_LAMBDA {
        simd::unroll<Count>([&](auto i) STRATA_INLINE_LAMBDA { simd::store(products + (long(j) * tiles + t + i) * width, sum[j][i]); });
      });
    };
    int t = 0;  // twos at the end rather than a three and a lonely one
    for (; tiles - t > 4 || tiles - t == 3; t += 3) tile(std::integral_constant<int, 3>{}, t);
    for (; tiles - t >= 2; t += 2) tile(std::integral_constant<int, 2>{}, t);
    for (; t < tiles; t++) tile(std::integral_constant<int, 1>{}, t);
    inputs += long(in) * tiles * width;
    weights += long(in) * tile_out;
    products += long(tile_out) * tiles * width;
  }
}

/// A'm A of the tile whose points lie `step` floats apart: y[row][column].
[[gnu::always_inline]] inline void transform_outputs(const float* m, long step, Vector bias, Vector (&y)[2][2]) {
  Vector top[4], bottom[4];
  simd::unroll<4>([&](auto c) STRATA_INLINE_LAMBDA {
    const Vector m1 = simd::load(m + (4 + c) * step), m2 = simd::load(m + (8 + c) * step);
    top[c] = simd::load(m + c * step) + m1 + m2;
    bottom[c] = m1 - m2 - simd::load(m + (12 + c) * step);
  });
  y[0][0] = top[0] + top[1] + top[2] + bias, y[0][1] = top[1] - top[2] - top[3] + bias;
  y[1][0] = bottom[0] + bottom[1] + bottom[2] + bias, y[1][1] = bottom[1] - bottom[2] - bottom[3] + bias;
}

/// One output channel of a row of tiles, through residual, functor and pool. y, residual: the channel's planes.
template <class F>
inline void finish_tiles(const Winograd& g, bool pools, const float* products, float bias, int row, const float* residual, float* y) {
  const long step = long(tile_out) * g.tiles_wide * width;
  const bool two_rows = 2 * row + 1 < g.out.height;
  for (int t = 0; t < g.tiles_wide; t++, products += width) {
    Vector v[2][2];
    transform_outputs(products, step, Vector(bias), v);
    const bool two_columns = 2 * t + 1 < g.out.width;
    const long first = (2L * row * g.out.width + 2 * t) * width, down = long(g.out.width) * width;
    const auto finish = [&](Vector sum, long at, bool inside) STRATA_INLINE_LAMBDA {
      return F::f(residual && inside ? sum + simd::load(residual + at) : sum);
    };
    v[0][0] = finish(v[0][0], first, true), v[0][1] = finish(v[0][1], first + width, two_columns);
    v[1][0] = finish(v[1][0], first + down, two_rows), v[1][1] = finish(v[1][1], first + down + width, two_rows && two_columns);
    if (pools) {
      if (two_rows && two_columns)
        simd::store(y + (long(row) * (g.out.width / 2) + t) * width, maximum(maximum(v[0][0], v[0][1]), maximum(v[1][0], v[1][1])));
      continue;
    }
    simd::store(y + first, v[0][0]);
    if (two_columns) simd::store(y + first + width, v[0][1]);
    if (two_rows) simd::store(y + first + down, v[1][0]);
    if (two_rows && two_columns) simd::store(y + first + down + width, v[1][1]);
  }
}

template <class F>
void winograd_convolution(const Call& call) {
  const Node& node = *call.node;
  const Winograd g = winograd_of(node);
  float* const bordered = call.workspace;
  int* const offset = reinterpret_cast<int*>(bordered + g.border.floats());
  float* const rows = bordered + g.border.floats() + g.offset_floats();
  float *const inputs = rows + g.rows_floats(), *const products = inputs + g.input_floats();
  const long channel_step = long(g.tiles_wide) * width, point_step = g.inputs() * channel_step;
  for (int i = 0; i < g.inputs(); i++) offset[i] = int(i * channel_step);
  copy_with_border(call.x[0], g.border, bordered);
  const float* const residual = node.adds ? call.x[node.input_count - 1] : nullptr;
  const long plane = long(g.out.pixels()) * width, y_plane = node.pools ? long(node.out.pixels()) * width : plane;

  for (int row = 0; row < g.tiles_high; row++) {
    for (int i = 0; i < g.inputs(); i++)
      transform_inputs(g, bordered + i * g.border.plane() + 2 * row * g.border.row(), rows, inputs + i * channel_step, point_step);
    const float* packed = call.packed;
    for (int o = 0; o < g.out.channels; o += tile_out, packed += g.block_floats()) {
      multiply_points(g, inputs, offset, packed + tile_out, products);
      for (int j = 0; j < tile_out && o + j < g.out.channels; j++)
        finish_tiles<F>(g, node.pools, products + j * channel_step, packed[j], row,
                        residual ? residual + (o + j) * plane : nullptr, call.y + (o + j) * y_plane);
    }
  }
}

}  // namespace strata::cpu::lanes

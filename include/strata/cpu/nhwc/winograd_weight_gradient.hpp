// SPDX-License-Identifier: MIT
// dw of 3x3 convolutions of stride 1 by Winograd's F(3x3, 4x4): a tile of 4x4 output gradients costs 36 products for each
// pair of channels instead of 144.  dw[o][i] = G' [ sum over tiles of (B' x[i] B) . (A dy[o] A') ] G  with x a tile of 6x6
// inputs and dy the tile of 4x4 that they made. A dilation d cuts the map into d x d interleaved ones without dilation.
// Groups of tiles, in an order that runs over the maps of all images, pass two stages, threads meeting behind each: the
// transforms, shared out by tile, and the products, shared out by frequency and block of output channels. So each sum
// is made by one thread, in one order.
// Source: Lavin, Gray, "Fast Algorithms for Convolutional Neural Networks", 2015, section 4.1 with F(3x3, 4x4).
#pragma once

#include <strata/cpu/nhwc/weight_gradient.hpp>

namespace strata::cpu::nhwc {

/// Rows, or columns, of tiles: those of the first interleaved map, then of the next. The first maps may be longer.
struct TileAxis {
  static constexpr int side = 4;   ///< of a tile of output gradients
  static constexpr int reach = 6;  ///< of the tile of inputs that they come from
  int length = 0, dilation = 1;    ///< of the whole map; how many maps interleave

  constexpr int longer() const { return length % dilation; }  ///< maps that have one more
  constexpr int tiles_of_longer() const { return (length / dilation + 1 + side - 1) / side; }
  constexpr int tiles_of_others() const { return (length / dilation + side - 1) / side; }
  constexpr int tiles() const { return longer() * tiles_of_longer() + (dilation - longer()) * tiles_of_others(); }
  /// Where tile t begins in the whole map; its places are `dilation` apart.
  constexpr int begin(int t) const {
    const int tiles_before = longer() * tiles_of_longer();
    if (t < tiles_before) return t / tiles_of_longer() + t % tiles_of_longer() * side * dilation;
    t -= tiles_before;
    return longer() + t / tiles_of_others() + t % tiles_of_others() * side * dilation;
  }
};

struct WinogradWeightGradient {
  static constexpr int points = TileAxis::reach * TileAxis::reach;   ///< frequencies: elements of a transformed tile
  static constexpr int tile_inputs = simd::registers == 32 ? 8 : 4;  ///< input channels x block: sums in registers
  static constexpr long apart = 16;     ///< floats between the planes of two frequencies, which would share cache sets
  static constexpr int lot = 4;         ///< tiles that a thread transforms at once
  Shape in{}, out{};
  Window window{};

  constexpr int panels() const { return (in.channels + width - 1) / width; }
  constexpr int blocks() const { return (out.channels + block - 1) / block; }
  constexpr long inputs() const { return long(panels()) * width; }   ///< with the zeros behind the last
  constexpr long outputs() const { return long(blocks()) * block; }

  constexpr TileAxis rows() const { return {out.height, window.dilation_height}; }
  constexpr TileAxis columns() const { return {out.width, window.dilation_width}; }
  constexpr int tiles() const { return rows().tiles() * columns().tiles(); }  ///< of an image

  /// Tiles of a group: the sums pass through the caches once a group, the transformed tiles should stay in them.
  constexpr int group() const { return inputs() + outputs() <= 256 ? 128 : 64; }

  // What the threads share: sums, the transformed tiles of a group, and zeros for what lies outside the map.
  constexpr long sums_plane() const { return inputs() * outputs() + apart; }     ///< [block][inputs / tile_inputs][tile_inputs][block]
  constexpr long image_plane() const { return inputs() * group() + apart; }      ///< [panel][tile][width]
  constexpr long gradient_plane() const { return outputs() * group() + apart; }  ///< [block][tile][block]
  constexpr long zeros() const { return rounded(std::max(in.channels, out.channels)); }
  constexpr long partial() const { return points * (sums_plane() + image_plane() + gradient_plane()) + zeros(); }
};

constexpr WinogradWeightGradient winograd_weight_gradient_of(const Node& node) { return {node.in, node.out, node.window}; }

/// Whether the node can be computed this way and gains by it: multiply-adds of both ways, those of the direct sum without
/// the padding. A transform costs an input channel about 250 of them a tile, an output channel about 200.
constexpr bool takes_winograd_weight_gradient(const Node& node) {
  const Window& w = node.window;
  if (node.op != Op::convolution_weight_gradient || w.kernel_height != 3 || w.kernel_width != 3 || w.stride_height != 1 ||
      w.stride_width != 1 || node.in.channels < 32 || node.out.channels < 32 || simd::lanes < 4)
    return false;
  const WinogradWeightGradient g = winograd_weight_gradient_of(node);
  const double tiles = g.tiles(), inputs = double(g.inputs()), outputs = double(g.outputs());
  double rows = 0, columns = 0;  // of outputs, for all taps
  for (int k = 0; k < 3; k++) {
    rows += met(node.in.height, node.out.height, 1, k * w.dilation_height - w.pad_top).count();
    columns += met(node.in.width, node.out.width, 1, k * w.dilation_width - w.pad_left).count();
  }
  const double direct = rows * columns * node.in.channels * outputs;
  return tiles * (WinogradWeightGradient::points * inputs * outputs + 250 * inputs + 200 * outputs) < direct;
}

// One-dimensional transforms for the points 0, 1, -1, 2, -2, infinity.

/// B' d
[[gnu::always_inline]] inline void winograd_image(const Vector (&d)[6], Vector (&v)[6]) {
  const Vector two(2.f), minus_two(-2.f), four(4.f), minus_four(-4.f), minus_five(-5.f);
  const Vector even = simd::fma(minus_four, d[2], d[4]), odd = simd::fma(minus_four, d[1], d[3]);
  const Vector difference = d[4] - d[2], slope = d[3] - d[1];
  v[0] = simd::fma(four, d[0], simd::fma(minus_five, d[2], d[4]));
  v[1] = even + odd;
  v[2] = even - odd;
  v[3] = simd::fma(two, slope, difference);
  v[4] = simd::fma(minus_two, slope, difference);
  v[5] = simd::fma(four, d[1], simd::fma(minus_five, d[3], d[5]));
}
/// A y
[[gnu::always_inline]] inline void winograd_gradient(const Vector (&y)[4], Vector (&z)[6]) {
  const Vector two(2.f), minus_two(-2.f), four(4.f);
  const Vector even = y[0] + y[2], odd = y[1] + y[3];
  const Vector even_at_two = simd::fma(four, y[2], y[0]), odd_at_two = simd::fma(four, y[3], y[1]);
  z[0] = y[0];
  z[1] = even + odd;
  z[2] = even - odd;
  z[3] = simd::fma(two, odd_at_two, even_at_two);
  z[4] = simd::fma(minus_two, odd_at_two, even_at_two);
  z[5] = y[3];
}
/// G' m
[[gnu::always_inline]] inline void winograd_sums(const Vector (&m)[6], Vector (&w)[3]) {
  const Vector quarter(1.f / 4), sixth(1.f / 6), minus_sixth(-1.f / 6), twelfth(1.f / 12), twenty_fourth(1.f / 24);
  const Vector plus = m[1] + m[2], minus = m[1] - m[2], plus_at_two = m[3] + m[4], minus_at_two = m[3] - m[4];
  w[0] = simd::fma(twenty_fourth, plus_at_two, simd::fma(minus_sixth, plus, quarter * m[0]));
  w[1] = simd::fma(twelfth, minus_at_two, minus_sixth * minus);
  w[2] = simd::fma(sixth, plus_at_two, simd::fma(minus_sixth, plus, m[5]));
}

/// The pixels of a tile, row by row: a place outside the map is that of zeros.
template <int Side>
struct TilePixels {
  const float* at[Side][Side];

  TilePixels(const float* map, Shape shape, int top, int left, const Window& w, const float* zeros) {
    for (int r = 0; r < Side; r++)
      for (int c = 0; c < Side; c++) {
        const int y = top + r * w.dilation_height, x = left + c * w.dilation_width;
        const bool inside = y >= 0 && y < shape.height && x >= 0 && x < shape.width;
        at[r][c] = inside ? map + (long(y) * shape.width + x) * shape.channels : zeros;
      }
  }
};

/// One vector of channels of a tile to its 36 frequencies, `plane` floats apart. load(r, c) is a pixel.
template <int Side, auto Transform, class Load>
[[gnu::always_inline]] inline void transform_channels(Load&& load, float* to, long plane) {
  Vector rows[Side][6];
  simd::unroll<Side>([&](auto r) STRATA_INLINE_LAMBDA {
    Vector pixels[Side];
    simd::unroll<Side>([&](auto c) STRATA_INLINE_LAMBDA { pixels[c] = load(r, c); });
    Transform(pixels, rows[r]);
  });
  simd::unroll<6>([&](auto c) STRATA_INLINE_LAMBDA {
    Vector column[Side], transformed[6];
    simd::unroll<Side>([&](auto r) STRATA_INLINE_LAMBDA { column[r] = rows[r][c]; });
    Transform(column, transformed);
    simd::unroll<6>([&](auto r) STRATA_INLINE_LAMBDA { simd::store(to + (r * 6 + c) * plane, transformed[r]); });
  });
}

/// All channels of a tile; a block of `Columns` of them is `block_floats` behind the one before, zeros behind the last.
/// Calls the columns of the next tile that this one does not share into the caches.
template <int Side, int Columns, auto Transform>
[[gnu::noinline]] void transform_tile(const TilePixels<Side>& pixels, const TilePixels<Side>& next, int channels, float* to,
                                      long block_floats, long plane) {
  constexpr int shared = Side - TileAxis::side;
  const auto place = [&](int first) { return to + first / Columns * block_floats + first % Columns; };
  int first = 0;
  for (; first + width <= channels; first += width) {
    simd::unroll<Side>([&](auto r) STRATA_INLINE_LAMBDA {
      simd::unroll<TileAxis::side>([&](auto c) STRATA_INLINE_LAMBDA { __builtin_prefetch(next.at[r][shared + c] + first); });
    });
    transform_channels<Side, Transform>([&](int r, int c) STRATA_INLINE_LAMBDA { return simd::loadu(pixels.at[r][c] + first); },
                                        place(first), plane);
  }
  if (first < channels) {
    alignas(64) float rest[Side][Side][width] = {};
    for (int r = 0; r < Side; r++)
      for (int c = 0; c < Side; c++) std::copy_n(pixels.at[r][c] + first, channels - first, rest[r][c]);
    transform_channels<Side, Transform>([&](int r, int c) STRATA_INLINE_LAMBDA { return simd::load(rest[r][c]); }, place(first), plane);
    first += width;
  }
  for (; first % Columns != 0; first += width)
    for (int f = 0; f < WinogradWeightGradient::points; f++) simd::store(place(first) + f * plane, Vector(0.f));
}

/// sums[tile_inputs][block] = (add ? sums : 0) + sum over tiles of image[tile][i] gradient[tile][block]
template <int Inputs>
[[gnu::noinline]] void accumulate_frequency(const float* image, const float* gradient, int tiles, float* sums, bool add) {
  Vector sum[Inputs][block_vectors];
  simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
    simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      __builtin_prefetch(sums + i * block + v * width, 1);
      sum[i][v] = Vector(0.f);
    });
  });
  for (int t = 0; t < tiles; t++, image += width, gradient += block) {
    Vector g[block_vectors];
    simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { g[v] = simd::load(gradient + v * width), pin(g[v]); });
    simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
      const Vector pixel(image[i]);
      simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { sum[i][v] = simd::fma(pixel, g[v], sum[i][v]); });
    });
  }
  simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
    simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      float* to = sums + i * block + v * width;
      simd::store(to, add ? simd::load(to) + sum[i][v] : sum[i][v]);
    });
  });
}

/// G' sums G for `width` input and `width` output channels, to gradients OIHW.
inline void store_winograd_weight_gradient(const Call& call, const WinogradWeightGradient& g, int first_in, int first_out) {
  alignas(64) float rows[width][9 * width];  // [output channel][input channel, tap]
  Vector w[9 * width];
  for (int i = 0; i < width; i++) {
    const int in = first_in + i;
    const float* from = call.partial + long(first_out / block) * g.inputs() * block + long(in) * block + first_out % block;
    Vector half[3][6], m[6], column[3];
    for (int c = 0; c < 6; c++) {
      simd::unroll<6>([&](auto r) STRATA_INLINE_LAMBDA { m[r] = simd::load(from + (r * 6 + c) * g.sums_plane()); });
      winograd_sums(m, column);
      simd::unroll<3>([&](auto r) STRATA_INLINE_LAMBDA { half[r][c] = column[r]; });
    }
    simd::unroll<3>([&](auto r) STRATA_INLINE_LAMBDA {
      winograd_sums(half[r], column);
      simd::unroll<3>([&](auto s) STRATA_INLINE_LAMBDA { w[i * 9 + r * 3 + s] = column[s]; });
    });
  }
  for (int k = 0; k < 9; k++) {
    Vector square[width];
    simd::unroll<width>([&](auto j) STRATA_INLINE_LAMBDA { square[j] = w[k * width + j]; });
    simd::transpose(square);
    simd::unroll<width>([&](auto j) STRATA_INLINE_LAMBDA { simd::store(rows[j] + k * width, square[j]); });
  }
  const int count = 9 * std::min(width, g.in.channels - first_in);
  for (int j = 0; j < width && first_out + j < g.out.channels; j++) {
    float* to = call.step->gradients + call.node->weights + (long(first_out + j) * g.in.channels + first_in) * 9;
    if (!call.step->accumulate) std::copy_n(rows[j], count, to);
    else
      for (int k = 0; k < count; k++) to[k] += rows[j][k];
  }
}

/// The tiles of all images in order.
struct WinogradTiles {
  const Call& call;
  WinogradWeightGradient g;
  const float* zeros;
  TileAxis rows = g.rows(), columns = g.columns();
  int per_image = g.tiles(), count = call.images() * per_image;

  TilePixels<TileAxis::reach> inputs(int t) const {
    return {call.x(0, t / per_image), g.in, top(t) - g.window.pad_top, left(t) - g.window.pad_left, g.window, zeros};
  }
  TilePixels<TileAxis::side> gradients(int t) const { return {call.x(1, t / per_image), g.out, top(t), left(t), g.window, zeros}; }

 private:
  int top(int t) const { return rows.begin(t % per_image / columns.tiles()); }
  int left(int t) const { return columns.begin(t % per_image % columns.tiles()); }
};

/// convolution_weight_gradient of nodes that take it: inputs x, dy.
inline void winograd_weight_gradient(const Call& call, Team& team) {
  using W = WinogradWeightGradient;
  const W g = winograd_weight_gradient_of(*call.node);
  float* const sums = call.partial;
  float* const image = sums + W::points * g.sums_plane();
  float* const gradient = image + W::points * g.image_plane();
  float* const zeros = gradient + W::points * g.gradient_plane();
  team.once([&] { std::fill_n(zeros, g.zeros(), 0.f); });
  const WinogradTiles all{call, g, zeros};
  const int group = g.group(), blocks = g.blocks();
  for (int base = 0; base < all.count; base += group) {
    const int tiles = std::min(group, all.count - base);
    team.for_each((tiles + W::lot - 1) / W::lot, [&](int item, int) {
      auto x = all.inputs(base + item * W::lot);
      auto dy = all.gradients(base + item * W::lot);
      for (int t = item * W::lot; t < std::min(tiles, (item + 1) * W::lot); t++) {
        const int next = std::min(base + t + 1, all.count - 1);
        const auto next_x = all.inputs(next);
        transform_tile<TileAxis::reach, width, winograd_image>(x, next_x, g.in.channels, image + t * width, long(group) * width,
                                                               g.image_plane());
        const auto next_dy = all.gradients(next);
        transform_tile<TileAxis::side, block, winograd_gradient>(dy, next_dy, g.out.channels, gradient + t * block,
                                                                 long(group) * block, g.gradient_plane());
        x = next_x, dy = next_dy;
      }
    });
    team.for_each(W::points * blocks, [&](int item, int) {
      const int f = item / blocks, b = item % blocks;
      const float* z = gradient + f * g.gradient_plane() + long(b) * group * block;
      const float* v = image + f * g.image_plane();
      float* to = sums + f * g.sums_plane() + b * g.inputs() * block;
      for (int i = 0; i < g.inputs(); i += W::tile_inputs)
        accumulate_frequency<W::tile_inputs>(v + long(i / width) * group * width + i % width, z, tiles, to + long(i) * block, base > 0);
    });
  }
  const int panels = g.panels(), vectors = (g.out.channels + width - 1) / width;
  team.for_each(vectors * panels, [&](int item, int) {
    store_winograd_weight_gradient(call, g, item % panels * width, item / panels * width);
  });
  bias_gradient(call, team, 1, g.out);
}

}  // namespace strata::cpu::nhwc

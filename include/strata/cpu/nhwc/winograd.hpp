// SPDX-License-Identifier: MIT
// 3x3 convolutions of stride 1 by Winograd's F(4x4, 3x3), and their gradients with respect to the input: the same over
// dy with mirrored weights. Tiles are counted across rows and images. As many as a register tile holds make a panel,
// several panels a group, and a group is one thread's work item. For each group: transform its inputs; multiply, for
// each of the 36 points, (tiles x input channels) by (input channels x output channels); transform the products of some
// output channels back to pixels.
//   inputs    [point][panel][input channels / width][tile][width]      the product reads a panel as one stream
//   weights   [output group][point][column][input channel][block]      the order of use
//   products  [point][column][panel][tile][block]                      column: `block` output channels
// Every output is computed by the same operations in the same order, whatever the panels, groups and threads.
#pragma once

#include <strata/cpu/caches.hpp>
#include <strata/cpu/nhwc/convolution.hpp>
#include <strata/cpu/nhwc/winograd_transforms.hpp>

#include <limits>

namespace strata::cpu::nhwc {

/// The sizes that a node's kernel works with.
struct Winograd {
  static constexpr int panel = register_tiles.winograd_panel;  ///< tiles; panel x block_vectors accumulators
  TileMap map{};
  int columns = 0;       ///< blocks of output channels
  int live_columns = 0;  ///< columns whose products are kept at a time
  int group_panels = 0;
  long biases_floats = 0;                                  ///< biases of all columns
  long column_floats = 0;                                  ///< weights of one column at one point
  long weight_step = 0, input_step = 0, product_step = 0;  ///< floats from one point to the next

  constexpr int inputs() const { return map.source.channels; }
  constexpr int outputs() const { return map.out.channels; }
  constexpr long panel_inputs() const { return long(panel) * core::round_up(inputs(), width); }
  constexpr long panel_products() const { return long(panel) * block; }
  constexpr long column_products() const { return group_panels * panel_products(); }
  constexpr int row_pixels(bool pools) const { return pools ? map.out.width / 2 : map.out.width; }
  /// The offset of the tile's first output in the image, or in the pooled image.
  constexpr long origin(TileMap::Tile t, bool pools = false) const {
    const int step = pools ? 2 : 1;
    return (long(t.row / step) * row_pixels(pools) + t.column / step) * outputs();
  }
  constexpr long packed_floats() const {
    return biases_floats + core::ceil_divide(columns, live_columns) * tile_points * weight_step;
  }
  constexpr long workspace_floats() const { return whole_lines(inputs()) + tile_points * (input_step + product_step); }
};

/// machine: of the packed weights; the workspace is that of this machine.
constexpr Winograd winograd_of(const Node& node, const Machine& machine = this_machine) {
  // A thread's inputs and products may use four fifths of its L2. Where the weights exceed half of L3, each of their
  // columns has to serve many tiles instead, and the group outgrows L2.
  constexpr long cache_floats = second_cache_bytes / 4 * 4 / 5, many_weights = third_cache_bytes / 8;
  constexpr int many_tiles = 56, live_channels = 64;
  const int channels = block_of(machine);
  const Sliding s = sliding_of(node);
  Winograd g{.map = {s.source, s.out, s.window}};
  g.columns = core::ceil_divide(g.outputs(), channels);
  g.biases_floats = whole_lines(long(g.columns) * channels);
  g.column_floats = long(g.inputs()) * channels;
  const bool streams = tile_points * g.columns * g.column_floats > many_weights;
  g.live_columns = streams ? g.columns : std::min(g.columns, std::max(1, live_channels / channels));
  const long panel_floats = tile_points * (g.panel_inputs() + g.live_columns * g.panel_products());
  g.group_panels =
      streams ? core::ceil_divide(many_tiles, Winograd::panel) : int(std::max(1L, cache_floats / panel_floats));
  // One extra cache line between points: 36 streams a power of two apart would share few cache sets.
  g.weight_step = g.live_columns * g.column_floats + line_floats;
  g.input_step = g.group_panels * g.panel_inputs() + line_floats;
  g.product_step = g.live_columns * g.column_products() + line_floats;
  return g;
}

constexpr bool pools(const Node& node) { return node.op == Op::convolution && node.epilogue.pools; }
/// Whether the max pool after the convolution can be computed from one tile's outputs while they are in registers.
constexpr bool pools_tiles(const Node& node) {
  const auto halves = [](const core::Axis& window, const core::Axis& pool) {
    return pool.kernel == 2 && window.dilation == 1;
  };
  return halves(node.window.rows, node.epilogue.pool.rows) && halves(node.window.columns, node.epilogue.pool.columns) &&
         !node.inputs.has(graph::Input::residual) &&
         (node.epilogue.functor == graph::no_functor || node.epilogue.functor == graph::relu_functor);
}

constexpr bool can_use_winograd(const Node& node) {
  return (node.op == Op::convolution || node.op == Op::convolution_input_gradient) && suits_winograd(node.window) &&
         (!pools(node) || pools_tiles(node));
}

/// Whether a node that can be computed this way takes fewer multiply-adds than by the direct sum. Per tile, the
/// transforms cost about 200 multiply-adds per input or output channel.
constexpr bool winograd_saves(const Node& node) {
  const Winograd g = winograd_of(node);
  const long in = g.inputs(), out = g.outputs(), tiles = g.map.tiles_per_image();
  if (in < 32 || out < 32 || tiles < 4) return false;
  long rows = 0;  // kernel rows that the direct sum does not skip
  for (int r = 0; r < 3; r++)
    rows += valid_outputs(g.map.source.height, g.map.out.height, 1, g.map.window.rows.source(0, r)).count();
  return tiles * (tile_points * in * out + 200 * (in + out)) < rows * 3 * g.map.out.width * in * out;
}

/// Runs convolution and convolution_input_gradient where uses_winograd, for all images of the batch.
STRATA_ONCE void winograd_convolution(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// The nine taps of `count` outputs, `next` floats apart, gathered side by side: to[tap][output]. Reads nothing from
/// `end` on.
[[gnu::always_inline]] inline void gather_taps(const float* from, long next, int count, const float* end,
                                               float (*to)[block]) {
  constexpr int reach = core::round_up(9, width);
  alignas(64) float spare[width][reach];
  for (int v = 0; v < count; v += width) {
    const float* rows[width];
    for (int j = 0; j < width; j++) {
      const bool exists = v + j < count;
      const float* row = from + (v + j) * next;
      if (!exists || row + reach > end) {
        std::fill_n(spare[j], reach, 0.f);
        if (exists) std::copy_n(row, 9, spare[j]);
        row = spare[j];
      }
      rows[j] = row;
    }
    for (int t = 0; t < 9; t += width) {
      Vector square[width];
      core::simd::unroll<width>([&](auto j) STRATA_INLINE_LAMBDA { square[j] = core::simd::loadu(rows[j] + t); });
      core::simd::transpose(square);
      core::simd::unroll<width>([&](auto k) STRATA_INLINE_LAMBDA {
        if (t + k < 9) core::simd::store(to[t + k] + v, square[k]);
      });
    }
  }
}

/// Packs one column of output channels for input channels [first, last); the OIHW weights are those of pack_block.
inline void pack_winograd_column(const Winograd& g, bool mirrored, const float* weights, const graph::WeightView& view,
                                 const float* scale, const float* bias, int column, int first, int last,
                                 float* packed) {
  const int in = g.inputs(), out = g.outputs(), live = g.live_columns, o = column * block,
            count = std::min(block, out - o);
  if (first == 0)
    for (int j = 0; j < block; j++) packed[o + j] = bias && j < count ? bias[o + j] : 0;
  float* to =
      packed + g.biases_floats + column / live * (tile_points * g.weight_step) + column % live * g.column_floats;
  to += long(first) * block;
  const long next_output = mirrored ? view.inner : view.outer, next_input = mirrored ? view.outer : view.inner;
  const float* const end = weights + (mirrored ? in : out) * view.outer;
  const long step = g.weight_step;
  alignas(64) float taps[9][block] = {}, scales[block] = {};
  for (int j = 0; j < count; j++) scales[j] = scale ? scale[o + j] : 1;
  for (int i = first; i < last; i++, to += block) {
    gather_taps(weights + view.first + o * next_output + i * next_input, next_output, count, end, taps);
    for (int v = 0; v < block; v += width) {
      const Vector factor = core::simd::load(scales + v);
      const auto tap = [&](int t)
                           STRATA_INLINE_LAMBDA { return core::simd::load(taps[mirrored ? 8 - t : t] + v) * factor; };
      Vector half[3][6];
      core::simd::unroll<3>([&](auto c)
                                STRATA_INLINE_LAMBDA { transform_weights(tap(c), tap(3 + c), tap(6 + c), half[c]); });
      core::simd::unroll<6>([&](auto r) STRATA_INLINE_LAMBDA {
        Vector row[6];
        transform_weights(half[0][r], half[1][r], half[2][r], row);
        core::simd::unroll<6>([&](auto c)
                                  STRATA_INLINE_LAMBDA { core::simd::store(to + (r * 6 + c) * step + v, row[c]); });
      });
    }
  }
}

/// Packs the node's weights. scale and bias, one per output channel, may be null.
inline void pack_winograd(const Winograd& g, bool mirrored, const float* weights, const graph::WeightView& view,
                          const float* scale, const float* bias, float* packed, core::Team& team) {
  constexpr int share = 32;  // input channels
  const int shares = core::ceil_divide(g.inputs(), share);
  team.for_each(g.columns * shares, [&](int item, int) {
    const int first = item % shares * share;
    pack_winograd_column(g, mirrored, weights, view, scale, bias, item / shares, first,
                         std::min(first + share, g.inputs()), packed);
  });
}

/// products[tile][block] = sum over channels of x[channel / width][tile][channel % width] weights[channel][block]. In
/// x, a vector of channels has Winograd::panel tiles.
template <int Tiles>
[[gnu::noinline]] void multiply_panel(const float* x, const float* weights, int channels, float* products) {
  const long next_column = long(channels) * block;  // a column needed soon, usually the very next one
  constexpr int prefetch_distance = 16 * block;     // what L2 has to deliver to L1
  Vector sum[std::size_t(Tiles)][block_vectors];
  core::simd::unroll<Tiles>([&](auto t) STRATA_INLINE_LAMBDA {
    core::simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { sum[t][v] = Vector(0.f); });
  });
  for (int c = 0; c < channels; c += width, x += Winograd::panel * width)
    for (int lane = 0, end = std::min(width, channels - c); lane < end; lane++, weights += block) {
      for (int line = 0; line < block; line += 16) __builtin_prefetch(weights + next_column + line, 0, 2);
      for (int line = 0; line < block; line += 16) __builtin_prefetch(weights + prefetch_distance + line);
      Vector w[block_vectors];
      core::simd::unroll<block_vectors>(
          [&](auto v) STRATA_INLINE_LAMBDA { w[v] = core::simd::load(weights + v * width), pin(w[v]); });
      core::simd::unroll<Tiles>([&](auto t) STRATA_INLINE_LAMBDA {
        const Vector pixel(x[t * width + lane]);
        core::simd::unroll<block_vectors>(
            [&](auto v) STRATA_INLINE_LAMBDA { sum[t][v] = core::simd::fma(pixel, w[v], sum[t][v]); });
      });
    }
  core::simd::unroll<Tiles>([&](auto t) STRATA_INLINE_LAMBDA {
    core::simd::unroll<block_vectors>(
        [&](auto v) STRATA_INLINE_LAMBDA { core::simd::store(products + t * block + v * width, sum[t][v]); });
  });
}

/// What is done to an output after the sum.
struct Finish {
  const float* bias;       ///< [column][block]
  const Functor* functor;  ///< null for no functor, and for ReLU, which `least` computes
  float least;             ///< outputs are at least this
};

/// Where the outputs of a tile go, or the maxima of each 2 x 2: the first pixel, the floats from row to row and from
/// column to column, and the rows and columns that exist.
struct Pixels {
  float* y;
  long row, column;
  int rows, columns;
};

/// Stores the first `channels` floats of a vector.
[[gnu::always_inline]] inline void store_channels(float* y, Vector v, int channels) {
  if (channels >= width) return core::simd::storeu(y, v);
  alignas(64) float all[width];
  core::simd::store(all, v);
  std::copy_n(all, channels, y);
}

/// One tile and one vector of channels, of which `channels` exist: y = max(A'm A + bias + residual, least). Meanwhile
/// the pixels of the next tile, at `next`, are prefetched: a store that misses the cache would stall. Pools: there is
/// no residual, and the maximum of each 2 x 2 outputs is stored.
template <bool Pools>
[[gnu::always_inline]] inline void gather_tile(const float* products, long step, Vector bias, Vector least,
                                               const float* residual, const Pixels& to, const float* next,
                                               int channels) {
  Vector half[4][6], above[2];
  core::simd::unroll<6>([&](auto c) STRATA_INLINE_LAMBDA {
    Vector m[6], v[4];
    core::simd::unroll<6>([&](auto r) STRATA_INLINE_LAMBDA { m[r] = core::simd::load(products + (r * 6 + c) * step); });
    gather_outputs(m, v);
    core::simd::unroll<4>([&](auto r) STRATA_INLINE_LAMBDA { half[r][c] = v[r]; });
  });
  core::simd::unroll<4>([&](auto r) STRATA_INLINE_LAMBDA {
    core::simd::unroll<4>([&](auto c)
                              STRATA_INLINE_LAMBDA { __builtin_prefetch(next + r * to.row + c * to.column, 1); });
    Vector v[4];
    gather_outputs(half[r], v);
    if constexpr (Pools) {
      core::simd::unroll<2>([&](auto c) STRATA_INLINE_LAMBDA {
        const Vector pair = maximum(maximum(v[2 * c], v[2 * c + 1]) + bias, least);
        if constexpr (r % 2 == 0) above[c] = pair;
        else if (r / 2 < to.rows && c < to.columns)
          store_channels(to.y + r / 2 * to.row + c * to.column, maximum(above[c], pair), channels);
      });
      return;
    }
    if (r >= to.rows) return;
    core::simd::unroll<4>([&](auto c) STRATA_INLINE_LAMBDA {
      if (c >= to.columns) return;
      const long at = r * to.row + c * to.column;
      v[c] = v[c] + bias;
      if (channels >= width) {
        if (residual) v[c] = v[c] + core::simd::loadu(residual + at);
        core::simd::storeu(to.y + at, maximum(v[c], least));
        return;
      }
      alignas(64) float rest[width] = {};
      if (residual) std::copy_n(residual + at, channels, rest);
      store_channels(to.y + at, maximum(v[c] + core::simd::load(rest), least), channels);
    });
  });
}

/// Output channels [first, last) of a tile. products: those of channel `first`; residual (may be null), y: at channel
/// `first` of the tile's first pixel; next: the same of the next tile.
template <bool Pools>
[[gnu::noinline]] void finish_tile(const Winograd& g, const Finish& finish, TileMap::Tile t, int first, int last,
                                   const float* products, const float* residual, float* y, const float* next) {
  const long column = long(g.map.window.columns.dilation) * g.outputs();
  const long row = long(g.map.window.rows.dilation) * g.row_pixels(Pools) * g.outputs();
  constexpr int step = Pools ? 2 : 1;
  Pixels to{y, row, column, g.map.rows(t) / step, g.map.columns(t) / step};
  for (int c = 0; c < last - first; c += width, to.y += width)
    gather_tile<Pools>(products + c / block * g.column_products() + c % block, g.product_step,
                       core::simd::load(finish.bias + first + c), Vector(finish.least),
                       residual ? residual + c : nullptr, to, next + c, last - first - c);
  if (!finish.functor) return;
  for (int r = 0; r < to.rows; r++)
    for (int c = 0; c < to.columns; c++) finish.functor->apply(y + r * to.row + c * to.column, last - first);
}

/// Tiles [first, last) of the batch, at most a group.
inline void convolve_tiles(const Call& call, const Winograd& g, const Finish& finish, int first, int last,
                           float* workspace) {
  constexpr int panel = Winograd::panel;
  const Node& node = *call.node;
  const bool adds = node.op == Op::convolution && call.inputs[Input::residual], pooled = pools(node);
  const auto finish_one = pooled ? &finish_tile<true> : &finish_tile<false>;
  const int in = g.inputs(), live = g.live_columns, panels = core::ceil_divide(last - first, panel);
  float *const zeros = workspace, *const inputs = zeros + whole_lines(in),
               *const products = inputs + tile_points * g.input_step;
  const long panel_inputs = g.panel_inputs(), panel_products = g.panel_products();

  const Reading reading = prepared_reading(call, in, workspace + g.workspace_floats());
  std::fill_n(zeros, in, 0.f);
  const float* pixels[3][tile_points];  // of a tile and of the two that follow it
  const auto locate = [&](int k) {
    const TileMap::Tile t = g.map.at(std::min(first + k, last - 1));
    g.map.inputs(t, call.first(t.image), zeros, pixels[k % 3]);
  };
  locate(0), locate(1);
  for (int k = 0; k < last - first; k++) {
    locate(k + 2);
    float* const to = inputs + k / panel * panel_inputs + k % panel * width;
    transform_input_tile(pixels[k % 3], pixels[(k + 2) % 3], reading, zeros, in, to, g.input_step, panel * width);
  }
  const float* weights = call.packed + g.biases_floats;
  for (int column = 0; column < g.columns; column += live) {
    const int wide = std::min(live, g.columns - column);
    for (int point = 0; point < tile_points; point++, weights += g.weight_step)
      for (int c = 0; c < wide; c++) {
        const float* x = inputs + point * g.input_step;
        float* to = products + point * g.product_step + c * g.column_products();
        for (int p = 0; p < panels; p++, x += panel_inputs, to += panel_products) {
          // Elements past the last tile are unspecified; their products are not read.
          if (last - first - p * panel > panel / 2) multiply_panel<panel>(x, weights + c * g.column_floats, in, to);
          else multiply_panel<panel / 2>(x, weights + c * g.column_floats, in, to);
        }
      }
    const int first_output = column * block, last_output = std::min(g.outputs(), (column + wide) * block);
    const auto output = [&](TileMap::Tile t) { return call.y(t.image) + g.origin(t, pooled) + first_output; };
    for (int k = 0; k < last - first; k++) {
      const TileMap::Tile t = g.map.at(first + k), next = g.map.at(std::min(first + k + 1, last - 1));
      const float* residual = adds ? call.input(Input::residual, t.image) + g.origin(t) + first_output : nullptr;
      finish_one(g, finish, t, first_output, last_output,
                 products + k / panel * panel_products + long(k % panel) * block, residual, output(t), output(next));
    }
  }
}

STRATA_ONCE void winograd_convolution(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Winograd g = winograd_of(node);
  const int functor = node.op == Op::convolution ? node.epilogue.functor : graph::no_functor;
  const bool clamps = functor == graph::relu_functor;
  const Finish finish{call.packed, functor == graph::no_functor || clamps ? nullptr : &call.functor(),
                      clamps ? 0.f : -std::numeric_limits<float>::infinity()};
  const int tiles = g.map.tiles_per_image() * call.images(), panels = core::ceil_divide(tiles, Winograd::panel);
  int groups = core::ceil_divide(panels, g.group_panels);
  if (groups < 32) groups = std::min(panels, (groups + 3) / 4 * 4);  // few items balance badly
  team.for_each(groups, [&](int group, int slot) {
    const auto begin = [&](int k) { return std::min(tiles, int(long(panels) * k / groups) * Winograd::panel); };
    convolve_tiles(call, g, finish, begin(group), begin(group + 1), call.slot(slot));
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

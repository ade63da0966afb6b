// SPDX-License-Identifier: MIT
// The gradient of 3x3 weights, stride 1, by Winograd's F(3x3, 4x4): a tile of 4x4 output gradients costs 36 products
// per pair of channels instead of 144.  dw[o][i] = G'[ sum over tiles of (B' x[i] B) . (A dy[o] A') ]G
// Tiles are counted across rows and images. A group of tiles passes two stages, each followed by a barrier: the
// transforms, divided among the threads by tile, and the products, divided by point and block of output channels. So
// each sum is computed by one thread, in one order.
#pragma once

#include <strata/cpu/nhwc/weight_gradient.hpp>
#include <strata/cpu/nhwc/winograd_transforms.hpp>

namespace strata::cpu::nhwc {

struct WinogradWeightGradient {
  static constexpr int inputs_at_once =
      register_tiles.winograd_inputs;       ///< of a register tile, with `block` output channels
  static constexpr int tiles_per_item = 4;  ///< that a thread transforms at once
  static constexpr long point_gap = 16;     ///< floats between points, so that they do not share cache sets
  TileMap map{};

  constexpr int in() const { return map.source.channels; }
  constexpr int out() const { return map.out.channels; }
  constexpr int panels() const { return core::ceil_divide(in(), width); }
  constexpr int blocks() const { return core::ceil_divide(out(), block); }
  constexpr long padded_inputs() const {
    constexpr int whole = std::max(width, inputs_at_once);
    return core::round_up(long(in()), whole);
  }
  constexpr long padded_outputs() const { return long(blocks()) * block; }

  /// Tiles of a group. The sums pass through the caches once per group; the transformed tiles should stay in them.
  constexpr int group() const { return in() + out() <= 256 ? 128 : 64; }

  // What the threads share: the sums, the transformed tiles of a group, and zeros for pixels beyond the border.
  constexpr long sums_step() const {
    return padded_inputs() * padded_outputs() + point_gap;
  }  ///< [block][input channel][block]
  constexpr long inputs_step() const { return padded_inputs() * group() + point_gap; }      ///< [panel][tile][width]
  constexpr long gradients_step() const { return padded_outputs() * group() + point_gap; }  ///< [vector][tile][width]
  constexpr long zeros_floats() const { return whole_lines(std::max(in(), out())); }
  constexpr long partial_floats() const {
    return tile_points * (sums_step() + inputs_step() + gradients_step()) + zeros_floats();
  }
};

constexpr WinogradWeightGradient winograd_weight_gradient_of(const Node& node) {
  return {{node.in, node.out, node.window}};
}

constexpr bool can_use_winograd_gradient(const Node& node) {
  return node.op == Op::convolution_weight_gradient && suits_winograd(node.window);
}

/// Whether a node that can be computed this way takes fewer multiply-adds than by the direct sum, whose count excludes
/// the padding. Per tile, the transforms cost about 250 multiply-adds per input channel and 200 per output channel.
constexpr bool winograd_gradient_saves(const Node& node) {
  const core::Window& w = node.window;
  const WinogradWeightGradient g = winograd_weight_gradient_of(node);
  const long in = g.in(), out = g.padded_outputs();
  if (in < 32 || g.out() < 32) return false;
  long rows = 0, columns = 0;  // of outputs, over all taps
  for (int k = 0; k < 3; k++) {
    rows += valid_outputs(node.in.height, node.out.height, 1, w.rows.source(0, k)).count();
    columns += valid_outputs(node.in.width, node.out.width, 1, w.columns.source(0, k)).count();
  }
  return g.map.tiles_per_image() * (tile_points * in * out + 250 * in + 200 * out) < rows * columns * in * out;
}

STRATA_ONCE void winograd_weight_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// sums[Inputs][block] = (add ? sums : 0) + sum over tiles of x[tile][Inputs] dy[tile][block]. Vectors of x and of dy
/// are `vector_step` floats apart; Inputs may be part of a vector or several vectors.
template <int Inputs>
[[gnu::noinline]] void accumulate_tiles(const float* x, const float* dy, long vector_step, int tiles, float* sums,
                                        bool add) {
  Vector sum[std::size_t(Inputs)][block_vectors];
  core::simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
    core::simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      __builtin_prefetch(sums + i * block + v * width, 1);
      sum[i][v] = Vector(0.f);
    });
  });
  for (int t = 0; t < tiles; t++, x += width, dy += width) {
    Vector gradient[block_vectors];
    core::simd::unroll<block_vectors>(
        [&](auto v) STRATA_INLINE_LAMBDA { gradient[v] = core::simd::load(dy + v * vector_step), pin(gradient[v]); });
    core::simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
      const Vector pixel(x[i / width * vector_step + i % width]);
      core::simd::unroll<block_vectors>(
          [&](auto v) STRATA_INLINE_LAMBDA { sum[i][v] = core::simd::fma(pixel, gradient[v], sum[i][v]); });
    });
  }
  core::simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
    core::simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      float* to = sums + i * block + v * width;
      core::simd::store(to, add ? core::simd::load(to) + sum[i][v] : sum[i][v]);
    });
  });
}

/// Transforms tiles [first, last) of the batch, to positions `place`, ... of their group.
inline void transform_tiles(const Call& call, const WinogradWeightGradient& g, const Reading& reading, int first,
                            int last, int place, const float* zeros, float* inputs, float* gradients) {
  const int after = g.map.tiles_per_image() * call.images() - 1;
  const float *x[2][tile_reach * tile_reach], *dy[2][tile_side * tile_side];  // of this tile and the next, alternating
  const auto find = [&](int t, int turn) {
    const TileMap::Tile tile = g.map.at(std::min(t, after));
    g.map.inputs(tile, call.input(Input::x, tile.image), zeros, x[turn]);
    g.map.outputs(tile, call.input(Input::dy, tile.image), zeros, dy[turn]);
  };
  const long vector_step = long(g.group()) * width;
  find(first, 0);
  for (int k = 0; k < last - first; k++) {
    const int turn = k % 2;
    const long to = long(place + k) * width;
    find(first + k + 1, !turn);
    transform_input_tile(x[turn], x[!turn], reading, zeros, g.in(), inputs + to, g.inputs_step(), vector_step);
    transform_tile_channels<tile_side, transform_gradients>(dy[turn], dy[!turn], g.out(), gradients + to,
                                                            g.gradients_step(), vector_step);
  }
}

/// One point and one block of output channels: adds a group's products to sums, or overwrites them. Channels past the
/// last are unspecified; their sums are not read.
inline void multiply_tiles(const WinogradWeightGradient& g, const float* inputs, const float* gradients, int tiles,
                           float* sums, bool add) {
  constexpr int at_once = WinogradWeightGradient::inputs_at_once;
  const long vector_step = long(g.group()) * width;
  for (int i = 0; i < g.in(); i += at_once)
    accumulate_tiles<at_once>(inputs + i / width * vector_step + i % width, gradients, vector_step, tiles,
                              sums + long(i) * block, add);
}

/// G' sums G for `width` input and `width` output channels, stored to the OIHW gradients.
inline void store_winograd_weight_gradient(const Call& call, const WinogradWeightGradient& g, int first_in,
                                           int first_out) {
  Vector taps[9 * width];  // [input channel][tap] of output channels
  for (int i = 0; i < width; i++) {
    const float* sums =
        call.partial + (first_out / block * g.padded_inputs() + first_in + i) * block + first_out % block;
    Vector half[3][6], m[6], w[3];
    for (int c = 0; c < 6; c++) {
      core::simd::unroll<6>([&](auto r)
                                STRATA_INLINE_LAMBDA { m[r] = core::simd::load(sums + (r * 6 + c) * g.sums_step()); });
      gather_weights(m, w);
      core::simd::unroll<3>([&](auto r) STRATA_INLINE_LAMBDA { half[r][c] = w[r]; });
    }
    core::simd::unroll<3>([&](auto r) STRATA_INLINE_LAMBDA {
      gather_weights(half[r], w);
      core::simd::unroll<3>([&](auto s) STRATA_INLINE_LAMBDA { taps[i * 9 + r * 3 + s] = w[s]; });
    });
  }
  alignas(64) float rows[width][9 * width];  // [output channel][input channel, tap]
  for (int k = 0; k < 9; k++) {
    Vector square[width];
    core::simd::unroll<width>([&](auto j) STRATA_INLINE_LAMBDA { square[j] = taps[k * width + j]; });
    core::simd::transpose(square);
    core::simd::unroll<width>([&](auto j) STRATA_INLINE_LAMBDA { core::simd::store(rows[j] + k * width, square[j]); });
  }
  const graph::WeightView view = graph::weight_view(*call.node);
  const int count = 9 * std::min(width, g.in() - first_in);
  for (int j = 0; j < width && first_out + j < g.out(); j++) {
    float* to = call.step->gradients + call.node->weights + view.at(first_out + j, first_in, 0);
    if (!call.step->accumulate) std::copy_n(rows[j], count, to);
    else
      for (int k = 0; k < count; k++) to[k] += rows[j][k];
  }
}

/// convolution_weight_gradient. Inputs: x, dy.
STRATA_ONCE void winograd_weight_gradient(const Call& call, core::Team& team) {
  constexpr int tiles_per_item = WinogradWeightGradient::tiles_per_item;
  const WinogradWeightGradient g = winograd_weight_gradient_of(*call.node);
  float *const sums = call.partial, *const inputs = sums + tile_points * g.sums_step();
  float *const gradients = inputs + tile_points * g.inputs_step(), *const zeros =
                                                                       gradients + tile_points * g.gradients_step();
  const int all = g.map.tiles_per_image() * call.images(), group = g.group(), blocks = g.blocks();
  float* const coefficients = zeros + g.zeros_floats();
  team.once([&] {
    std::fill_n(zeros, g.zeros_floats(), 0.f);
    prepare_reading(call, g.in(), coefficients);
  });
  const Reading reading(*call.node, g.in(), coefficients);
  for (int base = 0; base < all; base += group) {
    const int tiles = std::min(group, all - base);
    team.for_each(core::ceil_divide(tiles, tiles_per_item), [&](int item, int) {
      const int place = item * tiles_per_item;
      transform_tiles(call, g, reading, base + place, base + std::min(tiles, place + tiles_per_item), place, zeros,
                      inputs, gradients);
    });
    team.for_each(tile_points * blocks, [&](int item, int) {
      const int point = item / blocks, b = item % blocks;
      multiply_tiles(g, inputs + point * g.inputs_step(),
                     gradients + point * g.gradients_step() + long(b) * group * block, tiles,
                     sums + point * g.sums_step() + b * g.padded_inputs() * block, base > 0);
    });
  }
  const int panels = g.panels(), vectors = core::ceil_divide(g.out(), width);
  team.for_each(vectors * panels, [&](int item, int) {
    store_winograd_weight_gradient(call, g, item % panels * width, item / panels * width);
  });
  bias_gradient(call, team);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

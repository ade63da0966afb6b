// SPDX-License-Identifier: MIT
// dw[o][i][tap] = sum over images and pixels of dy[pixel][o] x[pixel * stride + tap][i]; db[o] = sum of dy.
// A tile of inputs by output-channel vectors stays in registers along one row of pixels; the inputs of a kernel row without
// dilation lie side by side in memory, whatever the number of channels. Threads own distinct output channels and walk all
// images in order, so nothing is added across threads and the sum has one order.
// A transposed convolution is the same with x and dy changing places, and so is a 1x1 convolution to few channels, whose
// vectors of output channels would be mostly empty.
#pragma once

#include <strata/cpu/nhwc/convolution.hpp>

namespace strata::cpu::nhwc {

inline constexpr int tile_inputs = register_tiles.gradient_inputs;

/// The sum as seen from the forward convolution: `image` is what the window slides over, `gradient` the other side.
struct Outer {
  Sliding sliding;        ///< source: image; out: gradient
  bool swapped = false;    ///< the image is dy, the gradient side is x
  bool exchanged = false;  ///< and the weights are [image channel][gradient channel]

  constexpr long sums() const { return sliding.blocks() * sliding.block_floats(); }
  constexpr long row() const { return rounded(long(sliding.out.width) * block); }
};

constexpr Outer outer_of(const Node& node) {
  const Window& w = node.window;
  const long in = node.in.channels, out = node.out.channels;
  if (node.op == Op::transposed_convolution_weight_gradient) return {{node.out, node.in, 1, 1, w}, true};
  const bool pointwise = w == Window{} && node.in.height == node.out.height && node.in.width == node.out.width;
  const auto filled = [](long channels) { return (channels + block - 1) / block * block; };
  if (pointwise && out * filled(in) < in * filled(out)) return {{node.out, node.in, 1, 1, w}, true, true};
  return {{node.in, node.out, 1, 1, w, node.prologue != Prologue::none}};
}

constexpr long weight_gradient_workspace(const Node& node) {
  const Outer o = outer_of(node);
  return Strip::size(o.sliding) + o.row() + prologue_floats(node, node.in.channels);
}
constexpr long weight_gradient_partial(const Node& node) { return outer_of(node).sums() + rounded(node.out.channels); }

/// sum[Inputs][block] += sum over `pixels` of x[p][i] g[p][block]
template <int Inputs>
[[gnu::noinline]] void accumulate_tile(const float* x, long x_step, const float* g, int pixels, float* sums) {
  Vector sum[Inputs][block_vectors];
  simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
    simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { sum[i][v] = simd::load(sums + i * block + v * width); });
  });
  for (int p = 0; p < pixels; p++, x += x_step, g += block) {
    Vector gradient[block_vectors];
    simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { gradient[v] = simd::load(g + v * width), pin(gradient[v]); });
    simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
      const Vector pixel(x[i]);
      simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { sum[i][v] = simd::fma(pixel, gradient[v], sum[i][v]); });
    });
  }
  simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
    simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { simd::store(sums + i * block + v * width, sum[i][v]); });
  });
}

using AccumulateTile = void (*)(const float*, long, const float*, int, float*);
template <int... Less>
constexpr std::array<AccumulateTile, sizeof...(Less)> accumulate_tiles(std::integer_sequence<int, Less...>) {
  return {&accumulate_tile<Less + 1>...};
}
/// [i - 1]: accumulate_tile<i>
inline constexpr auto accumulate_tile_of = accumulate_tiles(std::make_integer_sequence<int, tile_inputs>{});

/// sum[inputs][block] += sum over `pixels` of x[p][i] g[p][block], for any number of inputs
inline void accumulate_inputs(const float* x, long x_step, const float* g, int pixels, int inputs, float* sums) {
  for (; inputs > tile_inputs; inputs -= tile_inputs, x += tile_inputs, sums += tile_inputs * block)
    accumulate_tile<tile_inputs>(x, x_step, g, pixels, sums);
  accumulate_tile_of[std::size_t(inputs - 1)](x, x_step, g, pixels, sums);
}

/// One output row's pixels of one block of channels, side by side: [pixel][block], zeros behind the last channel.
inline void pack_gradient_row(const float* gradient, int pixels, int channels, int b, Reading reading, float* to) {
  const int first = b * block, count = std::min(block, channels - first);
  if (reading.a) reading.a += first, reading.b += first;
  for (int p = 0; p < pixels; p++, to += block) {
    reading.copy(gradient + long(p) * channels + first, 1, count, to);
    std::fill_n(to + count, block - count, 0.f);
  }
}

/// All images, output blocks [first, last).
inline void accumulate_blocks(const Call& call, const Outer& o, int first, int last, float* workspace) {
  const Sliding& s = o.sliding;
  const Window& w = s.window;
  const Strip room(s, workspace);
  float* const packed = workspace + Strip::size(s);
  const Reading x_reading = prepared_reading(call, call.node->in.channels, packed + o.row()), plain;
  const Reading &image_reading = o.swapped ? plain : x_reading, &gradient_reading = o.swapped ? x_reading : plain;
  const int channels = s.source.channels;
  const long step = long(w.stride_width) * channels;
  std::fill_n(call.partial + first * s.block_floats(), (last - first) * s.block_floats(), 0.f);
  for (int n = 0; n < call.images(); n++)
    for (int y = 0; y < s.out.height; y++) {
      int rows;
      const float* const strip = rows_of(s, call.x(o.swapped ? 1 : 0, n), y, image_reading, room, rows);
      const float* gradient = call.x(o.swapped ? 0 : 1, n) + long(y) * s.out.width * s.out.channels;
      for (int b = first; b < last; b++) {
        pack_gradient_row(gradient, s.out.width, s.out.channels, b, gradient_reading, packed);
        for (int k = 0; k < rows; k++) {
          const float* x = strip + k * s.row_floats();
          float* sums = call.partial + b * s.block_floats() + long(room.kernel_rows[k]) * w.kernel_width * channels * block;
          if (w.dilation_width == 1) {
            accumulate_inputs(x, step, packed, s.out.width, w.kernel_width * channels, sums);
            continue;
          }
          for (int c = 0; c < w.kernel_width; c++, x += long(w.dilation_width) * channels, sums += long(channels) * block) {
            const Span pixels = met(s.source.width, s.out.width, w.stride_width, c * w.dilation_width - w.pad_left);
            if (pixels.count() > 0)
              accumulate_inputs(x + pixels.first * step, step, packed + long(pixels.first) * block, pixels.count(), channels, sums);
          }
        }
      }
    }
}

/// Adds or writes [block][tap][input][block] sums to the gradients.
inline void store_weight_gradient(const Call& call, const Outer& o, int b) {
  const Sliding& s = o.sliding;
  const int taps = s.window.taps(), in = s.source.channels;
  const graph::WeightView view = graph::weight_view(*call.node);
  float* gradients = call.step->gradients + call.node->weights;
  const float* sums = call.partial + b * s.block_floats();
  for (int j = 0; j < block && b * block + j < s.out.channels; j++)
    for (int i = 0; i < in; i++)
      for (int t = 0; t < taps; t++) {
        float& to = gradients[o.exchanged ? view.at(i, b * block + j, t) : view.at(b * block + j, i, t)];
        const float sum = sums[(long(t) * in + i) * block + j];
        to = call.step->accumulate ? to + sum : sum;
      }
}

/// gradients[offset + c] = sum over images and pixels of dy[c], in a fixed order.
inline void bias_gradient(const Call& call, Team& team, int k, Shape shape) {
  if (call.node->bias < 0) return;
  const int slices = (shape.channels + block - 1) / block;
  team.for_each(slices, [&](int slice, int) {
    const int first = slice * block, count = std::min(block, shape.channels - first);
    double sum[block] = {};
    for (int n = 0; n < call.images(); n++) {
      const float* dy = call.x(k, n) + first;
      for (int y = 0; y < shape.height; y++) {
        alignas(64) float row[block] = {};
        if (count == block) {
          Vector all[block_vectors];
          simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { all[v] = Vector(0.f); });
          for (int x = 0; x < shape.width; x++, dy += shape.channels)
            simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { all[v] = all[v] + simd::loadu(dy + v * width); });
          simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { simd::store(row + v * width, all[v]); });
        } else {
          for (int x = 0; x < shape.width; x++, dy += shape.channels)
            for (int c = 0; c < count; c++) row[c] += dy[c];
        }
        for (int c = 0; c < count; c++) sum[c] += row[c];
      }
    }
    float* to = call.step->gradients + call.node->bias + first;
    for (int c = 0; c < count; c++) to[c] = float(call.step->accumulate ? to[c] + sum[c] : sum[c]);
  });
}

/// convolution_weight_gradient, transposed_convolution_weight_gradient: inputs x, dy.
inline void convolution_weight_gradient(const Call& call, Team& team) {
  const Outer o = outer_of(*call.node);
  const int blocks = o.sliding.blocks(), shares = std::min(blocks, team.slots());
  team.for_each(shares, [&](int share, int slot) {
    accumulate_blocks(call, o, blocks * share / shares, blocks * (share + 1) / shares, call.slot(slot));
  });
  team.for_each(blocks, [&](int b, int) { store_weight_gradient(call, o, b); });
  bias_gradient(call, team, 1, call.node->out);
}

}  // namespace strata::cpu::nhwc

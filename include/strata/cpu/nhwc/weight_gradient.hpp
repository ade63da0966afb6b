// SPDX-License-Identifier: MIT
// dw[o][i][tap] = sum over images and pixels of dy[pixel][o] x[pixel * stride + tap][i]; db[o] = sum of dy.
// A tile of inputs by vectors of output channels stays in registers along the rows of pixels of a band; without
// dilation, the inputs of a kernel row are adjacent in memory, whatever the number of channels. Each thread owns its
// output channels and goes through all images in order, so nothing is added across threads and every sum has one order.
// A transposed convolution is the same with x and dy swapped, and so is a 1x1 convolution to few channels, whose
// vectors of output channels would be mostly empty.
#pragma once

#include <strata/cpu/nhwc/convolution.hpp>

namespace strata::cpu::nhwc {

inline constexpr int tile_inputs = register_tiles.gradient_inputs;

/// The sum as seen from a forward convolution: `image` is what the window slides over, `gradient` is the other side.
struct GradientGeometry {
  Sliding sliding;         ///< source: image; out: gradient
  bool swapped = false;    ///< the image is dy, the gradient side is x
  bool exchanged = false;  ///< and the weights are [image channel][gradient channel]

  constexpr long sums() const { return sliding.blocks() * sliding.block_floats(); }
  constexpr long row() const { return whole_lines(long(sliding.out.width) * block); }
};

/// `swapped`: of a 1x1 convolution, with dy and x swapped.
constexpr GradientGeometry gradient_geometry_of(const Node& node, bool swapped = false) {
  const core::Window& w = node.window;
  if (node.op == Op::transposed_convolution_weight_gradient) return {{node.out, node.in, 1, 1, w}, true};
  if (swapped) return {{node.out, node.in, 1, 1, w}, true, true};
  return {{node.in, node.out, 1, 1, w, node.prologue.kind != Prologue::none, node.groups}};
}

/// Whether the node is the gradient of a 1x1 convolution that is summed in fewer vectors with dy and x swapped.
constexpr bool swapping_saves(const Node& node) {
  const long in = node.in.channels, out = node.out.channels;
  return node.op == Op::convolution_weight_gradient && node.window == core::Window{} &&
         node.in.height == node.out.height && node.in.width == node.out.width &&
         out * core::round_up(in, block) < in * core::round_up(out, block);
}

template <bool Swapped = false>
constexpr long weight_gradient_workspace(const Node& node) {
  const GradientGeometry o = gradient_geometry_of(node, Swapped);
  return Strip::size(o.sliding) + o.sliding.band_rows() * o.row() + prologue_floats(node, node.in.channels);
}
template <bool Swapped = false>
constexpr long weight_gradient_partial(const Node& node) {
  return gradient_geometry_of(node, Swapped).sums() + whole_lines(node.out.channels);
}

STRATA_ONCE void convolution_weight_gradient(const Call& call, core::Team& team);
STRATA_ONCE void swapped_weight_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// Adjacent pixels of both sides.
struct PixelRun {
  const float *x, *g;
  int pixels;
};

/// sums[Inputs][block] += sum over all pixels p of the runs of x[p][input + i] g[p][block]
template <int Inputs>
[[gnu::noinline]] void accumulate_tile(const PixelRun* run, int runs, long input, long x_step, float* sums,
                                       Prefetcher& prefetcher) {
  Vector sum[std::size_t(Inputs)][block_vectors];
  const long prefetch_distance = 8 * x_step;  // pixels are often a power of two apart: few of them stay in L1
  core::simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
    core::simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      float* const at = sums + i * block + v * width;
      sum[i][v] = core::simd::load(at);
      __builtin_prefetch(at + Inputs * block, 1);
    });
  });
  for (const PixelRun* const end = run + runs; run != end; run++) {
    const float *x = run->x + input, *g = run->g;
    for (const float* const last = g + long(run->pixels) * block; g != last;) {
      prefetcher.step();
      for (const float* const stop = Prefetcher::stop(g, last, block); g != stop; x += x_step, g += block) {
        __builtin_prefetch(x + prefetch_distance), __builtin_prefetch(x + prefetch_distance + Inputs - 1);
        Vector gradient[block_vectors];
        core::simd::unroll<block_vectors>(
            [&](auto v) STRATA_INLINE_LAMBDA { gradient[v] = core::simd::load(g + v * width), pin(gradient[v]); });
        core::simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
          const Vector pixel(x[i]);
          core::simd::unroll<block_vectors>(
              [&](auto v) STRATA_INLINE_LAMBDA { sum[i][v] = core::simd::fma(pixel, gradient[v], sum[i][v]); });
        });
      }
    }
  }
  core::simd::unroll<Inputs>([&](auto i) STRATA_INLINE_LAMBDA {
    core::simd::unroll<block_vectors>(
        [&](auto v) STRATA_INLINE_LAMBDA { core::simd::store(sums + i * block + v * width, sum[i][v]); });
  });
}

using AccumulateTile = void (*)(const PixelRun*, int, long, long, float*, Prefetcher&);
template <int... Less>
constexpr std::array<AccumulateTile, sizeof...(Less)> accumulate_tiles_of(std::integer_sequence<int, Less...>) {
  return {&accumulate_tile<Less + 1>...};
}
/// [i - 1]: accumulate_tile<i>
inline constexpr auto accumulate_tile_of = accumulate_tiles_of(std::make_integer_sequence<int, tile_inputs>{});

/// sums[inputs][block] += sum over all pixels p of the runs of x[p][i] g[p][block], for any number of inputs
inline void accumulate_inputs(const PixelRun* run, int runs, long x_step, int inputs, float* sums,
                              Prefetcher& prefetcher) {
  int i = 0;
  for (; inputs - i > tile_inputs; i += tile_inputs)
    accumulate_tile<tile_inputs>(run, runs, i, x_step, sums + long(i) * block, prefetcher);
  accumulate_tile_of[std::size_t(inputs - i - 1)](run, runs, i, x_step, sums + long(i) * block, prefetcher);
}

/// The pixels of an output row for one block of channels, packed as [pixel][block] with zeros past the last channel.
/// channels: of a pixel.
inline void pack_gradient_row(const float* gradient, int pixels, int channels, const BlockChannels& of, Reading reading,
                              float* to) {
  const int first = of.first, count = of.count;
  if (count == block && reading.kind == Prologue::none) {
    for (int p = 0; p < pixels; p++, to += block)
      core::simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA {
        core::simd::store(to + v * width, core::simd::loadu(gradient + long(p) * channels + first + v * width));
      });
    return;
  }
  if (reading.a) reading.a += first, reading.b += first;
  for (int p = 0; p < pixels; p++, to += block) {
    reading.copy(gradient + long(p) * channels + first, 1, count, to);
    std::fill_n(to + count, block - count, 0.f);
  }
}

/// All taps of a kernel row, for a block's channels. runs: whole rows of outputs, with x at what the first tap of the
/// first pixel reads.
inline void accumulate_row(const Sliding& s, const PixelRun* runs, int count, const BlockChannels& of, long step,
                           float* sums, Prefetcher& prefetcher) {
  const core::Window& w = s.window;
  const int channels = of.inputs;
  if (s.whole_rows()) return accumulate_inputs(runs, count, step, w.columns.kernel * channels, sums, prefetcher);
  for (int c = 0; c < w.columns.kernel; c++, sums += long(channels) * block) {
    const Span pixels = valid_outputs(s.source.width, s.out.width, w.columns.stride, w.columns.source(0, c));
    if (pixels.count() == 0) continue;
    PixelRun parts[max_band_rows];
    for (int k = 0; k < count; k++)
      parts[k] = {runs[k].x + long(c) * w.columns.dilation * s.source.channels + of.first_input + pixels.first * step,
                  runs[k].g + long(pixels.first) * block, pixels.count()};
    accumulate_inputs(parts, count, step, channels, sums, prefetcher);
  }
}

/// Output blocks [first, last), over all images.
inline void accumulate_blocks(const Call& call, const GradientGeometry& o, int first, int last, float* workspace) {
  const Sliding& s = o.sliding;
  const core::Window& w = s.window;
  const Strip strip(s, workspace);
  float* const packed = workspace + Strip::size(s);
  const int band = s.band_rows();
  const Reading x_reading = prepared_reading(call, call.node->in.channels, packed + band * o.row()), plain;
  const Input image = o.swapped ? Input::dy : Input::x, other = o.swapped ? Input::x : Input::dy;
  const Reading &image_reading = o.swapped ? plain : x_reading, &gradient_reading = o.swapped ? x_reading : plain;
  const long step = long(w.columns.stride) * s.source.channels;
  std::fill_n(call.partial + first * s.block_floats(), (last - first) * s.block_floats(), 0.f);
  for (int n = 0; n < call.images(); n++)
    for (int y = 0, rows; y < s.out.height; y += rows) {
      rows = std::min(band, s.out.height - y);
      const float* const x = strip.gather(s, call.input(image, n), y, rows, image_reading);
      const float* gradient = call.input(other, n) + long(y) * s.out.width * s.out.channels;
      Prefetcher prefetcher = next_band_prefetcher(s, call.input(image, n), y, rows, gradient, last - first);
      for (int b = first; b < last; b++) {
        const BlockChannels channels = s.channels_of(b);
        for (int j = 0; j < rows; j++)
          pack_gradient_row(gradient + long(j) * s.out.width * s.out.channels, s.out.width, s.out.channels, channels,
                            gradient_reading, packed + j * o.row());
        for (int r = 0; r < w.rows.kernel; r++) {
          PixelRun runs[max_band_rows];
          int count = 0;
          for (int j = 0; j < rows; j++)
            for (const KernelRow *k = strip.kernel_rows + j * w.rows.kernel, *end = k + strip.kernel_row_counts[j];
                 k != end; k++)
              if (k->row == r) runs[count++] = {x + k->place, packed + j * o.row(), s.out.width};
          float* const sums =
              call.partial + b * s.block_floats() + long(r) * w.columns.kernel * channels.inputs * block;
          if (count > 0) accumulate_row(s, runs, count, channels, step, sums, prefetcher);
        }
      }
    }
}

/// Adds the [block][tap][input][block] sums to the gradients, or overwrites them.
inline void store_weight_gradient(const Call& call, const GradientGeometry& o, int b) {
  const Sliding& s = o.sliding;
  const BlockChannels channels = s.channels_of(b);
  const int taps = s.window.taps(), in = channels.inputs;
  const graph::WeightView view = graph::weight_view(*call.node);
  float* gradients = call.step->gradients + call.node->weights;
  const float* sums = call.partial + b * s.block_floats();
  for (int j = 0; j < channels.count; j++)
    for (int i = 0; i < in; i++)
      for (int t = 0; t < taps; t++) {
        float& to = gradients[o.exchanged ? view.at(i, channels.first + j, t) : view.at(channels.first + j, i, t)];
        const float sum = sums[(long(t) * in + i) * block + j];
        to = call.step->accumulate ? to + sum : sum;
      }
}

/// gradients[bias + c] = sum over images and pixels of dy[c], in a fixed order; added where the step accumulates.
inline void bias_gradient(const Call& call, core::Team& team) {
  if (call.node->bias < 0) return;
  const Shape shape = call.node->out;
  const int slices = core::ceil_divide(shape.channels, block);
  team.for_each(slices, [&](int slice, int) {
    const int first = slice * block, count = std::min(block, shape.channels - first);
    double sum[block] = {};
    for (int n = 0; n < call.images(); n++) {
      const float* dy = call.input(Input::dy, n) + first;
      for (int y = 0; y < shape.height; y++) {
        alignas(64) float row[block] = {};
        if (count == block) {
          Vector all[block_vectors];
          core::simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { all[v] = Vector(0.f); });
          for (int x = 0; x < shape.width; x++, dy += shape.channels)
            core::simd::unroll<block_vectors>(
                [&](auto v) STRATA_INLINE_LAMBDA { all[v] = all[v] + core::simd::loadu(dy + v * width); });
          core::simd::unroll<block_vectors>([&](auto v)
                                                STRATA_INLINE_LAMBDA { core::simd::store(row + v * width, all[v]); });
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

inline void sum_weight_gradient(const Call& call, core::Team& team, const GradientGeometry& o) {
  const int blocks = o.sliding.blocks(), shares = std::min(blocks, team.slots());
  team.for_each(shares, [&](int share, int slot) {
    accumulate_blocks(call, o, blocks * share / shares, blocks * (share + 1) / shares, call.slot(slot));
  });
  team.for_each(blocks, [&](int b, int) { store_weight_gradient(call, o, b); });
  bias_gradient(call, team);
}

/// The gradients of the weights of convolutions, grouped and transposed ones. Inputs: x, dy.
STRATA_ONCE void convolution_weight_gradient(const Call& call, core::Team& team) {
  sum_weight_gradient(call, team, gradient_geometry_of(*call.node));
}
STRATA_ONCE void swapped_weight_gradient(const Call& call, core::Team& team) {
  sum_weight_gradient(call, team, gradient_geometry_of(*call.node, true));
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

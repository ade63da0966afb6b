// SPDX-License-Identifier: MIT
// Direct convolution for all shapes: y[row] = bias + sum over kernel rows and columns. The input rows that an output
// row needs are copied into a strip with zeros at the borders; a register tile of pixels by vectors of output channels
// runs over it. Packed weights: [output block][kernel row][kernel column][input channel][block].
// The gradient of the input is the same sum over dy with mirrored weights. A stride then puts zeros between the pixels
// of dy. Rows of zeros are skipped, and so are columns, because every S-th output pixel meets the same taps.
#pragma once

#include <strata/cpu/nhwc/sliding.hpp>
#include <strata/graph/weight_view.hpp>

#include <array>
#include <utility>

namespace strata::cpu::nhwc {

using namespace functions;

/// convolution, grouped_convolution, transposed_convolution and the gradients of their inputs.
STRATA_ONCE void convolution(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// Packs weights [a][b][kh][kw]. Plain: a is the output and b the input channel. Mirrored: a is the input and b the
/// output channel, and taps are reversed. scale and bias, one per output channel, may be null. size: channels of a
/// block. size: output channels of a block.
inline void pack_block(const Sliding& s, bool mirrored, const float* weights, const graph::WeightView& view,
                       const float* scale, const float* bias, int b, float* to, int size = block) {
  const BlockChannels c = s.channels_of(b, size);
  const int taps = s.window.taps(), in = c.inputs;
  to += b * (s.block_floats(size) + size);
  for (int j = 0; j < size; j++) to[j] = bias && j < c.count ? bias[c.first + j] : 0;
  to += size;
  for (int t = 0; t < taps; t++)
    for (int i = 0; i < in; i++)
      for (int j = 0; j < size; j++) {
        const long from =
            mirrored ? view.at(c.first_input + i, c.within + j, taps - 1 - t) : view.at(c.first + j, i, t);
        *to++ = j < c.count ? weights[from] * (scale ? scale[c.first + j] : 1.f) : 0.f;
      }
}

/// y[Pixels][block] = bias + sum over segments; pixels of y are `y_step` floats apart.
template <int Pixels>
[[gnu::noinline]] void convolve_tile(const float* x, long x_step, const Segment* segment, int segments,
                                     const float* packed, float* y, long y_step, int channels, Prefetcher& prefetcher) {
  constexpr int prefetch_distance = 16 * block;  // of the weights, which come from L2
  Vector sum[std::size_t(Pixels)][block_vectors];
  core::simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA {
    const Vector bias = core::simd::load(packed + v * width);
    core::simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA { sum[p][v] = bias; });
  });
  for (int k = 0; k < segments; k++) {
    const float* from = x + segment[k].input;
    const float* w = packed + block + segment[k].weights;
    for (const float* const end = from + segment[k].length; from != end;) {
      prefetcher.step();
      for (const float* const stop = Prefetcher::stop(from, end, 1); from != stop; from++, w += block) {
        if constexpr (prefetches)
          for (int line = 0; line < block; line += 16) __builtin_prefetch(w + prefetch_distance + line);
        Vector weight[block_vectors];
        core::simd::unroll<block_vectors>(
            [&](auto v) STRATA_INLINE_LAMBDA { weight[v] = core::simd::load(w + v * width), pin(weight[v]); });
        core::simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA {
          const Vector pixel(from[p * x_step]);
          core::simd::unroll<block_vectors>(
              [&](auto v) STRATA_INLINE_LAMBDA { sum[p][v] = core::simd::fma(pixel, weight[v], sum[p][v]); });
        });
      }
    }
  }
  if (channels >= block) {
    core::simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA {
      core::simd::unroll<block_vectors>(
          [&](auto v) STRATA_INLINE_LAMBDA { core::simd::storeu(y + p * y_step + v * width, sum[p][v]); });
    });
    return;
  }
  alignas(64) float all[block];
  core::simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA {
    core::simd::unroll<block_vectors>([&](auto v)
                                          STRATA_INLINE_LAMBDA { core::simd::store(all + v * width, sum[p][v]); });
    std::copy_n(all, channels, y + p * y_step);
  });
}

using ConvolveTile = void (*)(const float*, long, const Segment*, int, const float*, float*, long, int, Prefetcher&);
template <int... Less>
constexpr std::array<ConvolveTile, sizeof...(Less)> convolve_tiles_of(std::integer_sequence<int, Less...>) {
  return {&convolve_tile<Less + 1>...};
}
/// [p - 1]: convolve_tile<p>
inline constexpr auto convolve_tile_of = convolve_tiles_of(std::make_integer_sequence<int, tile_pixels>{});

/// Lists what output pixels phase + k * spread, k in [first, end), read of the strip's rows for a block's channels.
/// Taps that read only zeros are skipped. Returns the number of segments; their offsets are from pixel 0 of the phase.
inline int list_segments(const Sliding& s, const KernelRow* kernel_rows, int rows, const BlockChannels& of, int phase,
                         int first, int end, Segment* segment) {
  const core::Window& w = s.window;
  const int channels = of.inputs, spread = s.spread_width;
  int segments = 0;
  for (int k = 0; k < rows; k++) {
    const long row = kernel_rows[k].place, weights = long(kernel_rows[k].row) * w.columns.kernel * channels * block;
    if (s.whole_rows()) {
      segment[segments++] = {row, weights, long(w.columns.kernel) * channels};
      continue;
    }
    for (int c = 0; c < w.columns.kernel; c++) {
      const int place = w.columns.source(phase, c);  // what pixel 0 reads, zeros between columns counted
      const int column = core::floor_divide(place, spread);
      if (place != column * spread) continue;
      const Span pixels = valid_outputs(s.source.width, end, w.columns.stride, column);
      if (std::max(pixels.first, first) >= pixels.end) continue;
      segment[segments++] = {row + long(column - s.first_column()) * s.source.channels + of.first_input,
                             weights + long(c) * channels * block, channels};
    }
  }
  return segments;
}

/// Output rows [first, first + count), at most a band, written to y: rows of out.width pixels of out.channels floats.
inline void convolve_rows(const Sliding& s, const float* source, int first, int count, const Reading& reading,
                          const float* packed, const Strip& strip, float* y) {
  const float* const x = strip.gather(s, source, first, count, reading);
  const long x_step = long(s.window.columns.stride) * s.source.channels, y_step = long(s.spread_width) * s.out.channels;
  const bool whole_rows = s.whole_rows();
  const int blocks = s.blocks();
  const long block_floats = s.block_floats();
  Prefetcher prefetcher = next_band_prefetcher(s, source, first, count, y, blocks);
  for (int b = 0; b < blocks; b++) {
    const float* weights = packed + b * (block_floats + block);
    const BlockChannels channels = s.channels_of(b);
    for (int j = 0; j < count; j++) {
      const KernelRow* const kernel_rows = strip.kernel_rows + j * s.window.rows.kernel;
      float* const row = y + long(j) * s.out.width * s.out.channels + channels.first;
      for (int phase = 0; phase < std::min(s.spread_width, s.out.width); phase++) {
        const int pixels = core::ceil_divide(s.out.width - phase, s.spread_width);
        const int tile = core::ceil_divide(pixels, core::ceil_divide(pixels, tile_pixels));
        float* const to = row + long(phase) * s.out.channels;
        int segments = 0;
        for (int p = 0; p < pixels; p += tile) {
          const int at = std::min(p, pixels - tile);  // the last tile overlaps the one before it
          if (p == 0 || !whole_rows)
            segments = list_segments(s, kernel_rows, strip.kernel_row_counts[j], channels, phase, at, at + tile,
                                     strip.segments);
          convolve_tile_of[std::size_t(tile - 1)](x + at * x_step, x_step, strip.segments, segments, weights,
                                                  to + at * y_step, y_step, channels.count, prefetcher);
        }
      }
    }
  }
}

/// Adds the residual to a finished row and applies the functor.
inline void finish_row(const Call& call, float* y, const float* residual, long count) {
  if (residual)
    sweep(
        count, [&](long i) { core::simd::storeu(y + i, core::simd::loadu(y + i) + core::simd::loadu(residual + i)); },
        [&](long i) { y[i] += residual[i]; });
  if (call.node->epilogue.functor != graph::no_functor) call.functor().apply(y, count);
}

/// Max pool over non-overlapping windows: the pool.rows.kernel rows `x` of `shape` become one row y.
inline void pool_row(const float* x, Shape shape, const core::Window& pool, int columns, float* y) {
  for (int j = 0; j < columns; j++, y += shape.channels) {
    const float* first = x + long(j) * pool.columns.kernel * shape.channels;
    std::copy_n(first, shape.channels, y);
    for (int a = 0; a < pool.rows.kernel; a++)
      for (int b = a == 0; b < pool.columns.kernel; b++) {
        const float* other = first + (long(a) * shape.width + b) * shape.channels;
        sweep(
            shape.channels,
            [&](long i) { core::simd::storeu(y + i, maximum(core::simd::loadu(y + i), core::simd::loadu(other + i))); },
            [&](long i) { y[i] = maximum(y[i], other[i]); });
      }
  }
}

#endif  // STRATA_HAS_BODIES

constexpr long convolution_workspace(const Node& node) {
  const Sliding s = sliding_of(node);
  return Strip::size(s) +
         (node.epilogue.pools ? whole_lines(long(node.epilogue.pool.rows.kernel) * s.out.width * s.out.channels) : 0) +
         prologue_floats(node, s.source.channels);
}

/// Whether the value may overwrite the residual, which is added to finished rows.
constexpr bool may_overwrite_residual(const Node& node) {
  return graph::is_linear(node.op) && node.op != Op::dense && node.op != Op::depthwise_convolution &&
         node.inputs.has(Input::residual) && !node.epilogue.pools;
}
/// The workspace that it takes then, after the rest: a band of rows, as long as the residual is needed.
constexpr long overwriting_workspace(const Node& node) {
  const Sliding s = sliding_of(node);
  return long(s.band_rows()) * s.out.width * s.out.channels;
}

#if STRATA_HAS_BODIES

/// Cuts the rows of all images into several runs per thread: body(image, first, count, strip, slot) for each band.
template <class Body>
void for_each_band(const Call& call, core::Team& team, const Sliding& s, int rows, int band, Body&& body) {
  const int all = call.images() * rows, slots = team.slots(),
            runs = std::min(all, slots * std::max(4, all / (16 * slots)));
  team.for_each(runs, [&](int run, int slot) {
    const Strip strip(s, call.slot(slot));
    const int end = int(long(all) * (run + 1) / runs);
    for (int row = int(long(all) * run / runs), count; row < end; row += count) {
      count = std::min({band, end - row, rows - row % rows});
      body(row / rows, row % rows, count, strip, slot);
    }
  });
}

STRATA_ONCE void convolution(const Call& call, core::Team& team) {
  const Node& node = *call.node;
  const Sliding s = sliding_of(node);
  const long row_floats = long(s.out.width) * s.out.channels;
  const bool forward = graph::is_linear(node.op);
  const bool adds = forward && call.inputs[Input::residual],
             finishes = forward && (adds || node.epilogue.functor != graph::no_functor);
  if (forward && node.epilogue.pools) {
    const int pooled = node.epilogue.pool.rows.kernel;
    for_each_band(call, team, s, node.out.height, 1, [&](int n, int r, int, const Strip& strip, int slot) {
      float* rows = call.slot(slot) + Strip::size(s);
      for (int k = 0, count; k < pooled; k += count) {  // inference: there is no prologue
        count = std::min(s.band_rows(), pooled - k);
        convolve_rows(s, call.first(n), r * pooled + k, count, {}, call.packed, strip, rows + k * row_floats);
      }
      const float* residual = adds ? call.input(Input::residual, n) + r * pooled * row_floats : nullptr;
      finish_row(call, rows, residual, pooled * row_floats);
      pool_row(rows, s.out, node.epilogue.pool, node.out.width,
               call.y(n) + long(r) * node.out.width * node.out.channels);
    });
    return;
  }
  for_each_band(call, team, s, s.out.height, s.band_rows(), [&](int n, int r, int count, const Strip& strip, int slot) {
    const float* residual = adds ? call.input(Input::residual, n) + r * row_floats : nullptr;
    float* const to = call.y(n) + r * row_floats;
    float* const y = residual == to ? call.slot(slot) + whole_lines(convolution_workspace(node)) : to;
    const Reading reading = prepared_reading(call, s.source.channels, call.slot(slot) + Strip::size(s));
    convolve_rows(s, call.first(n), r, count, reading, call.packed, strip, y);
    // Row by row, so that the floats past the last whole vector are the same ones however the runs are cut.
    for (int j = 0; finishes && j < count; j++)
      finish_row(call, y + j * row_floats, residual ? residual + j * row_floats : nullptr, row_floats);
    if (y != to) std::copy_n(y, count * row_floats, to);
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

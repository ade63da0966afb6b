// SPDX-License-Identifier: MIT
// Direct convolution for all shapes: y[row] = bias + sum over kernel rows and columns. The input rows that one output
// row needs are copied into a strip with true zeros at the borders; a register tile of pixels by output-channel vectors
// runs over it. Packed weights: [output block][kernel row][kernel column][input channel][block].
// The gradient of the input is the same sum over dy with mirrored weights. There a stride puts zeros between the pixels of
// dy: rows of zeros are left out, and so are columns, as every S-th output pixel meets the same taps.
#pragma once

#include <strata/cpu/nhwc/prologue.hpp>
#include <strata/cpu/tiles.hpp>
#include <strata/graph/weight_view.hpp>

#include <array>
#include <utility>

namespace strata::cpu::nhwc {

inline constexpr int block_vectors = channel_vectors;
inline constexpr int block = block_vectors * width;  ///< output channels of a tile
inline constexpr int tile_pixels = register_tiles.convolution_pixels;

/// Outputs [first, end) along one axis.
struct Span {
  int first, end;
  constexpr int count() const { return end > first ? end - first : 0; }
};

/// The outputs where a tap meets the source and not its padding; `shift` is the place that it reads for output 0.
constexpr Span met(int source, int out, int stride, int shift) {
  const int first = shift < 0 ? (-shift + stride - 1) / stride : 0;
  const int end = source > shift ? (source - shift + stride - 1) / stride : 0;
  return {first, std::min(end, out)};
}

constexpr int divided_down(int a, int b) { return a >= 0 ? a / b : -((b - 1 - a) / b); }

/// A convolution with stride over a source that may have zeros between its pixels.
struct Sliding {
  Shape source{}, out{};
  int spread_height = 1, spread_width = 1;  ///< source pixel (i, j) stands at (i spread, j spread)
  Window window{};                          ///< over the spread source; only top and left padding are used
  bool changes = false;                     ///< a prologue changes pixels on their way into the strip

  /// The source columns of a strip row, borders included: from what the first output pixel reaches to what the last does.
  constexpr int first_column() const { return divided_down(-window.pad_left, spread_width); }
  constexpr int columns() const {
    const int last = (out.width - 1) * window.stride_width + window.extent_width() - 1 - window.pad_left;
    return divided_down(last, spread_width) - first_column() + 1;
  }
  constexpr long row_floats() const { return rounded(long(columns()) * source.channels); }
  constexpr long strip_floats() const { return needs_no_strip() ? 0 : row_floats() * window.kernel_height; }
  /// One tap and no border: the source itself serves as the strip.
  constexpr bool needs_no_strip() const {
    return !changes && window.taps() == 1 && spread_height == 1 && spread_width == 1 && window.pad_top == 0 && window.pad_left == 0 &&
           (out.height - 1) * window.stride_height < source.height && (out.width - 1) * window.stride_width < source.width;
  }
  constexpr int blocks() const { return (out.channels + block - 1) / block; }
  constexpr long block_floats() const { return long(window.taps()) * source.channels * block; }
  constexpr long packed_floats() const { return blocks() * (block_floats() + block); }
};

/// Forward convolution, or the gradient of a transposed one with respect to its input.
constexpr Sliding forward_sliding(const Node& node) {
  if (node.op == Op::transposed_convolution_input_gradient) return {node.in, node.out, 1, 1, node.window};
  return {node.in, node.mid, 1, 1, node.window};
}

/// Gradient of a convolution with respect to its input, or a transposed convolution.
constexpr Sliding mirrored_sliding(const Node& node) {
  const Window& w = node.window;
  Window mirrored = w;
  mirrored.stride_height = mirrored.stride_width = 1;
  mirrored.pad_top = w.extent_height() - 1 - w.pad_top;
  mirrored.pad_left = w.extent_width() - 1 - w.pad_left;
  return {node.in, node.out, w.stride_height, w.stride_width, mirrored};
}

constexpr bool is_mirrored(Op op) { return op == Op::convolution_input_gradient || op == Op::transposed_convolution; }
constexpr Sliding sliding_of(const Node& node) {
  Sliding s = is_mirrored(node.op) ? mirrored_sliding(node) : forward_sliding(node);
  s.changes = node.prologue != Prologue::none;
  return s;
}

/// Packs weights [a][b][kh][kw]: plain: a is output, b input channel; mirrored: a input, b output, taps reversed.
/// scale and bias, one an output channel, may be null.
inline void pack_block(const Sliding& s, bool mirrored, const float* weights, const graph::WeightView& view, const float* scale,
                       const float* bias, int b, float* to) {
  const int taps = s.window.taps(), in = s.source.channels, out = s.out.channels;
  to += b * (s.block_floats() + block);
  for (int j = 0; j < block; j++) {
    const int o = b * block + j;
    to[j] = bias && o < out ? bias[o] : 0;
  }
  to += block;
  for (int t = 0; t < taps; t++)
    for (int i = 0; i < in; i++)
      for (int j = 0; j < block; j++) {
        const int o = b * block + j;
        const long from = mirrored ? view.at(i, o, taps - 1 - t) : view.at(o, i, t);
        *to++ = o < out ? weights[from] * (scale ? scale[o] : 1.f) : 0.f;
      }
}

/// The rows of the source that output row `y` reads, with zeros at the borders. Returns the number of kernel rows that
/// exist; row[k] is the kernel row of the k-th.
inline int fill_strip(const Sliding& s, const float* source, int y, const Reading& reading, float* strip, int* row) {
  const Window& w = s.window;
  const long channels = s.source.channels;
  const int columns = s.columns(), left = std::clamp(-s.first_column(), 0, columns), skipped = std::max(0, s.first_column());
  const int copied = std::clamp(s.source.width - skipped, 0, columns - left);
  int rows = 0;
  for (int r = 0; r < w.kernel_height; r++) {
    const int at = y * w.stride_height - w.pad_top + r * w.dilation_height;
    if (at < 0 || at % s.spread_height != 0 || at / s.spread_height >= s.source.height) continue;
    float* to = strip + rows * s.row_floats();
    const float* from = source + (long(at / s.spread_height) * s.source.width + skipped) * channels;
    to = std::fill_n(to, left * channels, 0.f);
    reading.copy(from, copied, int(channels), to);
    to += copied * channels;
    std::fill_n(to, (columns - left - copied) * channels, 0.f);
    row[rows++] = r;
  }
  return rows;
}

/// One run of contiguous input: x[input, input + length) of a pixel times weights[weights, ...).
struct Segment {
  long input, weights, length;
};

/// A thread's workspace: the strip, then the segments of a row and the kernel rows that exist.
struct Strip {
  float* floats;
  Segment* segments;
  int* kernel_rows;

  Strip(const Sliding& s, float* workspace)
      : floats(workspace),
        segments(reinterpret_cast<Segment*>(workspace + s.strip_floats())),
        kernel_rows(reinterpret_cast<int*>(segments + s.window.taps())) {}
  static constexpr long size(const Sliding& s) {
    return rounded(s.strip_floats() + long(s.window.taps()) * long(sizeof(Segment) / sizeof(float)) + s.window.kernel_height);
  }
};

/// What the row `y` of outputs reads: a strip, filled here, or the source itself. `rows`: how many kernel rows exist in it.
inline const float* rows_of(const Sliding& s, const float* source, int y, const Reading& reading, const Strip& room, int& rows) {
  if (s.needs_no_strip()) {
    room.kernel_rows[0] = 0, rows = 1;
    return source + long(y) * s.window.stride_height * s.source.width * s.source.channels;
  }
  rows = fill_strip(s, source, y, reading, room.floats, room.kernel_rows);
  return room.floats;
}

/// y[Pixels][block] = bias + sum over segments; y is `y_step` floats a pixel.
template <int Pixels>
[[gnu::noinline]] void convolve_tile(const float* x, long x_step, const Segment* segment, int segments, const float* packed, float* y,
                                     long y_step, int channels) {
  Vector sum[Pixels][block_vectors];
  simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA {
    const Vector bias = simd::load(packed + v * width);
    simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA { sum[p][v] = bias; });
  });
  for (int k = 0; k < segments; k++) {
    const float* from = x + segment[k].input;
    const float* w = packed + block + segment[k].weights;
    for (const float* const end = from + segment[k].length; from != end; from++, w += block) {
      Vector weight[block_vectors];
      simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { weight[v] = simd::load(w + v * width), pin(weight[v]); });
      simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA {
        const Vector pixel(from[p * x_step]);
        simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { sum[p][v] = simd::fma(pixel, weight[v], sum[p][v]); });
      });
    }
  }
  if (channels >= block) {
    simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA {
      simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { simd::storeu(y + p * y_step + v * width, sum[p][v]); });
    });
    return;
  }
  alignas(64) float all[block];
  simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA {
    simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { simd::store(all + v * width, sum[p][v]); });
    std::copy_n(all, channels, y + p * y_step);
  });
}

using ConvolveTile = void (*)(const float*, long, const Segment*, int, const float*, float*, long, int);
template <int... Less>
constexpr std::array<ConvolveTile, sizeof...(Less)> convolve_tiles_of(std::integer_sequence<int, Less...>) {
  return {&convolve_tile<Less + 1>...};
}
/// [p - 1]: convolve_tile<p>
inline constexpr auto convolve_tile_of = convolve_tiles_of(std::make_integer_sequence<int, tile_pixels>{});

/// Of the output pixels phase, phase + spread, ... those numbered [first, end): what they read of the strip's rows. Taps
/// that read only zeros are left out. Returns the number of segments; offsets are from pixel 0 of the phase.
inline int list_segments(const Sliding& s, const int* kernel_rows, int rows, int phase, int first, int end, Segment* segment) {
  const Window& w = s.window;
  const int channels = s.source.channels, spread = s.spread_width;
  const bool whole_rows = w.dilation_width == 1 && spread == 1;
  int segments = 0;
  for (int k = 0; k < rows; k++) {
    const long row = k * s.row_floats(), weights = long(kernel_rows[k]) * w.kernel_width * channels * block;
    if (whole_rows) {
      segment[segments++] = {row, weights, long(w.kernel_width) * channels};
      continue;
    }
    for (int c = 0; c < w.kernel_width; c++) {
      const int place = phase - w.pad_left + c * w.dilation_width;  // that pixel 0 reads, zeros between the columns counted
      const int column = divided_down(place, spread);
      if (place != column * spread) continue;
      const Span pixels = met(s.source.width, end, w.stride_width, column);
      if (std::max(pixels.first, first) >= pixels.end) continue;
      segment[segments++] = {row + long(column - s.first_column()) * channels, weights + long(c) * channels * block, channels};
    }
  }
  return segments;
}

/// One output row to y: out.width pixels of out.channels floats.
inline void convolve_row(const Sliding& s, const float* source, int row, const Reading& reading, const float* packed, float* workspace,
                         float* y) {
  const Strip room(s, workspace);
  int rows;
  const float* const x = rows_of(s, source, row, reading, room, rows);
  const long x_step = long(s.window.stride_width) * s.source.channels, y_step = long(s.spread_width) * s.out.channels;
  for (int b = 0; b < s.blocks(); b++) {
    const float* weights = packed + b * (s.block_floats() + block);
    const int left = s.out.channels - b * block;
    for (int phase = 0; phase < std::min(s.spread_width, s.out.width); phase++) {
      const int pixels = (s.out.width - phase + s.spread_width - 1) / s.spread_width, tile = std::min(pixels, tile_pixels);
      float* to = y + b * block + long(phase) * s.out.channels;
      for (int p = 0; p < pixels; p += tile) {
        const int at = std::min(p, pixels - tile);  // the last tile overlaps the one before it
        const int segments = list_segments(s, room.kernel_rows, rows, phase, at, at + tile, room.segments);
        convolve_tile_of[std::size_t(tile - 1)](x + at * x_step, x_step, room.segments, segments, weights, to + at * y_step,
                                                y_step, left);
      }
    }
  }
}

/// Residual and functor on a finished row.
inline void finish_row(const Call& call, float* y, const float* residual, long count) {
  if (residual)
    sweep(count, [&](long i) { simd::storeu(y + i, simd::loadu(y + i) + simd::loadu(residual + i)); },
          [&](long i) { y[i] += residual[i]; });
  if (call.node->functor != graph::no_functor) call.functor().apply(y, count);
}

/// Max of windows that tile the rows `x` (pool.kernel_height of them) of `shape`.
inline void pool_row(const float* x, Shape shape, const Window& pool, int columns, float* y) {
  for (int j = 0; j < columns; j++, y += shape.channels) {
    const float* first = x + long(j) * pool.kernel_width * shape.channels;
    std::copy_n(first, shape.channels, y);
    for (int a = 0; a < pool.kernel_height; a++)
      for (int b = a == 0; b < pool.kernel_width; b++) {
        const float* other = first + (long(a) * shape.width + b) * shape.channels;
        sweep(shape.channels, [&](long i) { simd::storeu(y + i, maximum(simd::loadu(y + i), simd::loadu(other + i))); },
              [&](long i) { y[i] = maximum(y[i], other[i]); });
      }
  }
}

constexpr long convolution_workspace(const Node& node) {
  const Sliding s = sliding_of(node);
  return Strip::size(s) + (node.pools ? rounded(long(node.pool.kernel_height) * s.out.width * s.out.channels) : 0) +
         prologue_floats(node, s.source.channels);
}

/// convolution, transposed_convolution and the gradients of their inputs.
inline void convolution(const Call& call, Team& team) {
  const Node& node = *call.node;
  const Sliding s = sliding_of(node);
  const long row_floats = long(s.out.width) * s.out.channels;
  const bool forward = node.op == Op::convolution;
  const bool adds = forward && node.adds, finishes = forward && (adds || node.functor != graph::no_functor);
  if (forward && node.pools) {
    for_each_row(team, call.images(), node.out.height, [&](int n, int r, int slot) {
      float *strip = call.slot(slot), *rows = strip + Strip::size(s);
      for (int k = 0; k < node.pool.kernel_height; k++)  // inference: there is no prologue
        convolve_row(s, call.x(0, n), r * node.pool.kernel_height + k, {}, call.packed, strip, rows + k * row_floats);
      const float* residual = adds ? call.x(node.input_count - 1, n) + r * node.pool.kernel_height * row_floats : nullptr;
      finish_row(call, rows, residual, node.pool.kernel_height * row_floats);
      pool_row(rows, s.out, node.pool, node.out.width, call.y(n) + long(r) * node.out.width * node.out.channels);
    });
    return;
  }
  for_each_row(team, call.images(), s.out.height, [&](int n, int r, int slot) {
    float* y = call.y(n) + r * row_floats;
    const Reading reading = prepared_reading(call, s.source.channels, call.slot(slot) + Strip::size(s));
    convolve_row(s, call.x(0, n), r, reading, call.packed, call.slot(slot), y);
    if (finishes) finish_row(call, y, adds ? call.x(node.input_count - 1, n) + r * row_floats : nullptr, row_floats);
  });
}

}  // namespace strata::cpu::nhwc

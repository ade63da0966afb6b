// SPDX-License-Identifier: MIT
// Direct convolution for all shapes: y[row] = bias + sum over kernel rows and columns. The input rows that one output
// row needs are copied into a strip with true zeros at the borders; a register tile of pixels by output-channel vectors
// runs over it. Packed weights: [output block][kernel row][kernel column][input channel][block].
// Rows follow each other in bands: a strip keeps the input rows that the next output rows meet again, and the weights of a
// block pass through the caches once for all rows of a band.
// The gradient of the input is the same sum over dy with mirrored weights. There a stride puts zeros between the pixels of
// dy: rows of zeros are left out, and so are columns, as every S-th output pixel meets the same taps.
#pragma once

#include <strata/cpu/caches.hpp>
#include <strata/cpu/nhwc/prologue.hpp>
#include <strata/cpu/tiles.hpp>
#include <strata/graph/weight_view.hpp>

#include <array>
#include <utility>

namespace strata::cpu::nhwc {

inline constexpr int block_vectors = channel_vectors;
inline constexpr int block = block_vectors * width;  ///< output channels of a tile
inline constexpr int tile_pixels = register_tiles.convolution_pixels;
inline constexpr int most_band_rows = 16;

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
  /// Output rows that are made together: weights should serve some 240 pixels, and the strip half the second cache.
  constexpr int band_rows() const {
    if (window.dilation_height > 1) return 1;
    int rows = std::clamp(240 / out.width, 1, std::min(most_band_rows, out.height));
    while (rows > 1 && !needs_no_strip() && strip_rows(rows) * row_floats() > second_cache_bytes / 4 / 2) rows--;
    return rows;
  }
  /// Input rows that so many output rows meet. Dilation makes rows meet others than those before them.
  constexpr int strip_rows(int band) const {
    if (window.dilation_height > 1) return window.kernel_height * band;
    return ((band - 1) * window.stride_height + window.kernel_height - 1) / spread_height + 1;
  }
  constexpr int strip_rows() const { return strip_rows(band_rows()); }
  constexpr long strip_floats() const { return needs_no_strip() ? 0 : row_floats() * strip_rows(); }
  /// One tap and no border: the source itself serves as the strip.
  constexpr bool needs_no_strip() const {
    return !changes && window.taps() == 1 && spread_height == 1 && spread_width == 1 && window.pad_top == 0 && window.pad_left == 0 &&
           (out.height - 1) * window.stride_height < source.height && (out.width - 1) * window.stride_width < source.width;
  }
  /// The taps of a kernel row lie side by side, the same for all outputs.
  constexpr bool whole_rows() const { return window.dilation_width == 1 && spread_width == 1; }
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

/// A row of the source with zeros at the borders.
inline void fill_row(const Sliding& s, const float* from, const Reading& reading, float* to) {
  const long channels = s.source.channels;
  const int columns = s.columns(), left = std::clamp(-s.first_column(), 0, columns), skipped = std::max(0, s.first_column());
  const int copied = std::clamp(s.source.width - skipped, 0, columns - left);
  to = std::fill_n(to, left * channels, 0.f);
  reading.copy(from + skipped * channels, copied, int(channels), to);
  std::fill_n(to + copied * channels, (columns - left - copied) * channels, 0.f);
}

/// One run of contiguous input: x[input, input + length) of a pixel times weights[weights, ...).
struct Segment {
  long input, weights, length;
};

/// A kernel row that exists for an output row: which one, and where its pixels are in what `gather` returned.
struct KernelRow {
  long place;
  int row;
};

/// A thread's workspace: the rows of input, which ones they are, the kernel rows of each output row of a band, the segments
/// of one of them.
struct Strip {
  float* floats;
  Segment* segments;
  KernelRow* kernel_rows;  ///< [output row of the band][kernel row]
  const float** held;      ///< the source of each row
  int* met;                ///< kernel rows of each output row

  Strip(const Sliding& s, float* workspace)
      : floats(workspace),
        segments(reinterpret_cast<Segment*>(workspace + s.strip_floats())),
        kernel_rows(reinterpret_cast<KernelRow*>(segments + s.window.taps())),
        held(reinterpret_cast<const float**>(kernel_rows + s.band_rows() * s.window.kernel_height)),
        met(reinterpret_cast<int*>(held + s.strip_rows())) {
    std::fill_n(held, s.strip_rows(), nullptr);
  }
  static constexpr long size(const Sliding& s) {
    const long a_row = s.window.kernel_height * long(sizeof(KernelRow)) + long(sizeof(int));
    const long bytes = s.window.taps() * long(sizeof(Segment)) + s.band_rows() * a_row +
                       s.strip_rows() * long(sizeof(float*));
    return rounded(s.strip_floats() + (bytes + 3) / 4);
  }

  /// Brings what `count` output rows from `first` on read, at most a band, and lists their kernel rows. Returns the base of
  /// the places.
  const float* gather(const Sliding& s, const float* source, int first, int count, const Reading& reading) const {
    const Window& w = s.window;
    const long source_row = long(s.source.width) * s.source.channels, row_floats = s.row_floats();
    const int rows = s.strip_rows();
    const bool copies = !s.needs_no_strip();
    for (int j = 0; j < count; j++) {
      KernelRow* to = kernel_rows + j * w.kernel_height;
      for (int r = 0; r < w.kernel_height; r++) {
        const int spread_at = (first + j) * w.stride_height - w.pad_top + r * w.dilation_height, at = spread_at / s.spread_height;
        if (spread_at < 0 || at * s.spread_height != spread_at || at >= s.source.height) continue;
        const float* from = source + at * source_row;
        const int place = w.dilation_height > 1 ? j * w.kernel_height + r : at % rows;
        if (copies && held[place] != from) fill_row(s, from, reading, floats + place * row_floats), held[place] = from;
        *to++ = {copies ? place * row_floats : at * source_row, r};
      }
      met[j] = int(to - (kernel_rows + j * w.kernel_height));
    }
    return copies ? floats : source;
  }
};

/// What the next band will read and write, called into the second cache while this one computes: a core that asked for all
/// of it at once would wait. Each call asks for an equal share.
class Ahead {
 public:
  static constexpr long piece = 32;  ///< steps of a register tile between two calls

  Ahead(const float* reads, long read_floats, const float* writes, long written_floats, long steps) : reads_(reads), writes_(writes) {
    const long calls = std::max(1L, steps / piece), lines = std::max(read_floats, written_floats) / 16;
    lines_ = int(std::min(lines / calls + 1, 16L));
    read_step_ = read_floats / (lines_ * calls) + 1, write_step_ = written_floats / (lines_ * calls) + 1;
  }
  [[gnu::always_inline]] void call() {
    for (int i = 0; i < lines_; i++, reads_ += read_step_, writes_ += write_step_)
      __builtin_prefetch(reads_, 0, 2), __builtin_prefetch(writes_, 1, 2);
  }

 private:
  const float *reads_, *writes_;
  long read_step_, write_step_;  ///< floats, seldom whole lines
  int lines_;
};

/// y[Pixels][block] = bias + sum over segments; y is `y_step` floats a pixel.
template <int Pixels>
[[gnu::noinline]] void convolve_tile(const float* x, long x_step, const Segment* segment, int segments, const float* packed, float* y,
                                     long y_step, int channels, Ahead& next) {
  constexpr int ahead = 16 * block;  // of weights, which come from the second cache
  Vector sum[Pixels][block_vectors];
  simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA {
    const Vector bias = simd::load(packed + v * width);
    simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA { sum[p][v] = bias; });
  });
  for (int k = 0; k < segments; k++) {
    const float* from = x + segment[k].input;
    const float* w = packed + block + segment[k].weights;
    for (const float* const end = from + segment[k].length; from != end;) {
      next.call();
      for (const float* const stop = from + std::min<long>(end - from, Ahead::piece); from != stop; from++, w += block) {
        for (int line = 0; line < block; line += 16) __builtin_prefetch(w + ahead + line);
        Vector weight[block_vectors];
        simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { weight[v] = simd::load(w + v * width), pin(weight[v]); });
        simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA {
          const Vector pixel(from[p * x_step]);
          simd::unroll<block_vectors>([&](auto v) STRATA_INLINE_LAMBDA { sum[p][v] = simd::fma(pixel, weight[v], sum[p][v]); });
        });
      }
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

using ConvolveTile = void (*)(const float*, long, const Segment*, int, const float*, float*, long, int, Ahead&);
template <int... Less>
constexpr std::array<ConvolveTile, sizeof...(Less)> convolve_tiles_of(std::integer_sequence<int, Less...>) {
  return {&convolve_tile<Less + 1>...};
}
/// [p - 1]: convolve_tile<p>
inline constexpr auto convolve_tile_of = convolve_tiles_of(std::make_integer_sequence<int, tile_pixels>{});

/// Of the output pixels phase, phase + spread, ... those numbered [first, end): what they read of the strip's rows. Taps
/// that read only zeros are left out. Returns the number of segments; offsets are from pixel 0 of the phase.
inline int list_segments(const Sliding& s, const KernelRow* kernel_rows, int rows, int phase, int first, int end, Segment* segment) {
  const Window& w = s.window;
  const int channels = s.source.channels, spread = s.spread_width;
  int segments = 0;
  for (int k = 0; k < rows; k++) {
    const long row = kernel_rows[k].place, weights = long(kernel_rows[k].row) * w.kernel_width * channels * block;
    if (s.whole_rows()) {
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

/// The band behind output rows [first, first + count): the rows of the source that it is the first to read, and its
/// outputs. The present one works on `blocks` blocks.
inline Ahead ahead_of(const Sliding& s, const float* source, int first, int count, const float* y, int blocks) {
  const Window& w = s.window;
  const long source_row = long(s.source.width) * s.source.channels, written = long(count) * s.out.width * s.out.channels;
  const int reach = (first + count) * w.stride_height - w.pad_top + w.extent_height() - 1;
  const int row = std::clamp(reach / s.spread_height, 0, s.source.height);
  const int rows = std::min((count * w.stride_height + s.spread_height - 1) / s.spread_height, s.source.height - row);
  const long tiles = std::max(1L, long(s.out.width) * count / tile_pixels);
  return {source + row * source_row, rows * source_row, y + written, written,
          tiles * blocks * (s.block_floats() / block) / (s.spread_height * s.spread_width)};
}

/// Output rows [first, first + count), at most a band, to y: rows of out.width pixels of out.channels floats.
inline void convolve_rows(const Sliding& s, const float* source, int first, int count, const Reading& reading, const float* packed,
                          const Strip& room, float* y) {
  const float* const x = room.gather(s, source, first, count, reading);
  const long x_step = long(s.window.stride_width) * s.source.channels, y_step = long(s.spread_width) * s.out.channels;
  const bool whole_rows = s.whole_rows();
  Ahead next = ahead_of(s, source, first, count, y, s.blocks());
  for (int b = 0; b < s.blocks(); b++) {
    const float* weights = packed + b * (s.block_floats() + block);
    const int left = s.out.channels - b * block;
    for (int j = 0; j < count; j++) {
      const KernelRow* const kernel_rows = room.kernel_rows + j * s.window.kernel_height;
      float* const row = y + long(j) * s.out.width * s.out.channels + b * block;
      for (int phase = 0; phase < std::min(s.spread_width, s.out.width); phase++) {
        const int pixels = (s.out.width - phase + s.spread_width - 1) / s.spread_width, tile = std::min(pixels, tile_pixels);
        float* const to = row + long(phase) * s.out.channels;
        int segments = 0;
        for (int p = 0; p < pixels; p += tile) {
          const int at = std::min(p, pixels - tile);  // the last tile overlaps the one before it
          if (p == 0 || !whole_rows) segments = list_segments(s, kernel_rows, room.met[j], phase, at, at + tile, room.segments);
          convolve_tile_of[std::size_t(tile - 1)](x + at * x_step, x_step, room.segments, segments, weights, to + at * y_step,
                                                  y_step, left, next);
        }
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

/// The rows of all images share out in runs, some for each thread: body(image, first, count, strip, slot) for the bands of a run.
template <class Body>
void for_each_band(const Call& call, Team& team, const Sliding& s, int rows, int band, Body&& body) {
  const int all = call.images() * rows, slots = team.slots(), runs = std::min(all, slots * std::max(4, all / (16 * slots)));
  team.for_each(runs, [&](int run, int slot) {
    const Strip strip(s, call.slot(slot));
    const int end = int(long(all) * (run + 1) / runs);
    for (int row = int(long(all) * run / runs), count; row < end; row += count) {
      count = std::min({band, end - row, rows - row % rows});
      body(row / rows, row % rows, count, strip, slot);
    }
  });
}

/// convolution, transposed_convolution and the gradients of their inputs.
inline void convolution(const Call& call, Team& team) {
  const Node& node = *call.node;
  const Sliding s = sliding_of(node);
  const long row_floats = long(s.out.width) * s.out.channels;
  const bool forward = node.op == Op::convolution;
  const bool adds = forward && node.adds, finishes = forward && (adds || node.functor != graph::no_functor);
  if (forward && node.pools) {
    const int pooled = node.pool.kernel_height;
    for_each_band(call, team, s, node.out.height, 1, [&](int n, int r, int, const Strip& strip, int slot) {
      float* rows = call.slot(slot) + Strip::size(s);
      for (int k = 0, count; k < pooled; k += count) {  // inference: there is no prologue
        count = std::min(s.band_rows(), pooled - k);
        convolve_rows(s, call.x(0, n), r * pooled + k, count, {}, call.packed, strip, rows + k * row_floats);
      }
      const float* residual = adds ? call.x(node.input_count - 1, n) + r * pooled * row_floats : nullptr;
      finish_row(call, rows, residual, pooled * row_floats);
      pool_row(rows, s.out, node.pool, node.out.width, call.y(n) + long(r) * node.out.width * node.out.channels);
    });
    return;
  }
  for_each_band(call, team, s, s.out.height, s.band_rows(), [&](int n, int r, int count, const Strip& strip, int slot) {
    float* y = call.y(n) + r * row_floats;
    const Reading reading = prepared_reading(call, s.source.channels, call.slot(slot) + Strip::size(s));
    convolve_rows(s, call.x(0, n), r, count, reading, call.packed, strip, y);
    const float* residual = adds ? call.x(node.input_count - 1, n) + r * row_floats : nullptr;
    // Row by row: the floats behind the last whole vector must be the same ones whatever the runs.
    for (int j = 0; finishes && j < count; j++) finish_row(call, y + j * row_floats, residual ? residual + j * row_floats : nullptr, row_floats);
  });
}

}  // namespace strata::cpu::nhwc

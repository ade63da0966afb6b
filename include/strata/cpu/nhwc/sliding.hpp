// SPDX-License-Identifier: MIT
// What a window that slides over a map reads: the geometry of a convolution or of a gradient of its input, the strip of
// input rows with zeros at the borders, and the prefetching of the rows that come next.
// Output rows are computed in bands: a strip keeps the input rows that the next output rows read again, and the weights
// of a block pass through the caches once for all rows of a band.
#pragma once

#include <strata/core/divide.hpp>
#include <strata/cpu/caches.hpp>
#include <strata/cpu/nhwc/prologue.hpp>
#include <strata/cpu/tiles.hpp>

namespace strata::cpu::nhwc {

inline constexpr int block_vectors = channel_vectors;
inline constexpr int block = block_vectors * width;  ///< output channels of a tile
inline constexpr int tile_pixels = register_tiles.convolution_pixels;
/// The same of another machine.
constexpr int block_of(const Machine& machine) { return machine.channel_vectors() * machine.lanes; }
inline constexpr int max_band_rows = 16;

/// Outputs [first, end) along an axis.
struct Span {
  int first, end;
  constexpr int count() const { return end > first ? end - first : 0; }
};

/// The outputs at which a tap reads the source rather than its padding; `shift` is the position read for output 0.
constexpr Span valid_outputs(int source, int out, int stride, int shift) {
  const int first = shift < 0 ? core::ceil_divide(-shift, stride) : 0;
  const int end = source > shift ? core::ceil_divide(source - shift, stride) : 0;
  return {first, std::min(end, out)};
}

/// The output channels of a block, all of one group, and the input channels of that group.
struct BlockChannels {
  int first, count;
  int within;  ///< the first of them, counted from the group's first
  int first_input, inputs;
};

/// A convolution with stride over a source that may have zeros between its pixels.
struct Sliding {
  Shape source{}, out{};
  int spread_height = 1, spread_width = 1;  ///< source pixel (i, j) is at (i spread_height, j spread_width)
  core::Window window{};                    ///< over the spread source; only the padding before it is used
  bool has_prologue = false;                ///< a prologue transforms pixels on their way into the strip
  int groups = 1;                           ///< parts of the channels: outputs read only the inputs of their part

  /// The source columns of a strip row, borders included: from the first that the first output pixel reads to the last
  /// that the last one reads.
  constexpr int first_column() const { return core::floor_divide(window.columns.source(0), spread_width); }
  constexpr int columns() const {
    const int last = window.columns.source(out.width - 1, window.columns.kernel - 1);
    return core::floor_divide(last, spread_width) - first_column() + 1;
  }
  constexpr long row_floats() const { return whole_lines(long(columns()) * source.channels); }
  /// Output rows that are computed together: the weights should serve about 240 pixels, and the strip should fit into
  /// half of L2.
  constexpr int band_rows() const {
    if (window.rows.dilation > 1) return 1;
    int rows = std::clamp(240 / out.width, 1, std::min(max_band_rows, out.height));
    while (rows > 1 && !needs_no_strip() && strip_rows(rows) * row_floats() > second_cache_bytes / 4 / 2) rows--;
    return rows;
  }
  /// Input rows that `band` output rows read. With dilation, neighboring output rows share no input rows.
  constexpr int strip_rows(int band) const {
    if (window.rows.dilation > 1) return window.rows.kernel * band;
    return (window.rows.reach(band) - 1) / spread_height + 1;
  }
  constexpr int strip_rows() const { return strip_rows(band_rows()); }
  constexpr long strip_floats() const { return needs_no_strip() ? 0 : row_floats() * strip_rows(); }
  /// With a single tap and no border, the source itself serves as the strip.
  constexpr bool needs_no_strip() const {
    const auto reads_only_pixels = [](const core::Axis& axis, int spread, int size, int outputs) {
      return spread == 1 && axis.before == 0 && axis.reach(outputs) <= size;
    };
    return !has_prologue && window.taps() == 1 &&
           reads_only_pixels(window.rows, spread_height, source.height, out.height) &&
           reads_only_pixels(window.columns, spread_width, source.width, out.width);
  }
  /// Whether the taps of a kernel row are adjacent, and the same for all outputs.
  constexpr bool whole_rows() const { return window.columns.dilation == 1 && spread_width == 1 && groups == 1; }
  constexpr int group_inputs() const { return source.channels / groups; }
  constexpr int group_outputs() const { return out.channels / groups; }
  // Of packed weights, in blocks of so many output channels: those of this machine, or of another.
  constexpr int blocks(int size = block) const { return groups * core::ceil_divide(group_outputs(), size); }
  constexpr BlockChannels channels_of(int b, int size = block) const {
    const int inputs = group_inputs(), outputs = group_outputs(), blocks = core::ceil_divide(outputs, size);
    const int group = b / blocks, within = (b - group * blocks) * size;
    return {group * outputs + within, std::min(size, outputs - within), within, group * inputs, inputs};
  }
  constexpr long block_floats(int size = block) const { return long(window.taps()) * group_inputs() * size; }
  constexpr long packed_floats(int size = block) const { return blocks(size) * (block_floats(size) + size); }
};

/// Forward convolution, or the gradient of a transposed convolution with respect to its input.
constexpr Sliding forward_sliding(const Node& node) {
  if (node.op == Op::transposed_convolution_input_gradient) return {node.in, node.out, 1, 1, node.window};
  return {node.in, node.mid, 1, 1, node.window};
}

/// Gradient of a convolution with respect to its input, or a transposed convolution.
constexpr Sliding mirrored_sliding(const Node& node) {
  const core::Window& w = node.window;
  return {node.in, node.out, w.rows.stride, w.columns.stride, {w.rows.mirrored(), w.columns.mirrored()}};
}

constexpr bool is_mirrored(Op op) {
  return op == Op::convolution_input_gradient || op == Op::grouped_convolution_input_gradient ||
         op == Op::transposed_convolution;
}
constexpr Sliding sliding_of(const Node& node) {
  Sliding s = is_mirrored(node.op) ? mirrored_sliding(node) : forward_sliding(node);
  s.has_prologue = node.prologue.kind != Prologue::none;
  s.groups = node.groups;
  return s;
}

/// Copies a row of the source, with zeros at the borders.
inline void fill_row(const Sliding& s, const float* from, const Reading& reading, float* to) {
  const long channels = s.source.channels;
  const int columns = s.columns(), left = std::clamp(-s.first_column(), 0, columns),
            skipped = std::max(0, s.first_column());
  const int copied = std::clamp(s.source.width - skipped, 0, columns - left);
  to = std::fill_n(to, left * channels, 0.f);
  reading.copy(from + skipped * channels, copied, int(channels), to);
  std::fill_n(to + copied * channels, (columns - left - copied) * channels, 0.f);
}

/// A run of contiguous input: x[input, input + length) of a pixel times weights[weights, ...).
struct Segment {
  long input, weights, length;
};

/// A kernel row that exists for an output row: its index, and the offset of its pixels in what `gather` returned.
struct KernelRow {
  long place;
  int row;
};

/// A thread's workspace: the input rows, the source of each, the kernel rows of each output row of a band, and the
/// segments of one of them.
struct Strip {
  float* floats;
  Segment* segments;
  KernelRow* kernel_rows;  ///< [output row of the band][kernel row]
  const float** held;      ///< the source of each row of the strip
  int* kernel_row_counts;  ///< of each output row

  Strip(const Sliding& s, float* workspace)
      : floats(workspace),
        segments(reinterpret_cast<Segment*>(workspace + s.strip_floats())),
        kernel_rows(reinterpret_cast<KernelRow*>(segments + s.window.taps())),
        held(reinterpret_cast<const float**>(kernel_rows + s.band_rows() * s.window.rows.kernel)),
        kernel_row_counts(reinterpret_cast<int*>(held + s.strip_rows())) {
    std::fill_n(held, s.strip_rows(), nullptr);
  }
  static constexpr long size(const Sliding& s) {
    const long bytes_per_row = s.window.rows.kernel * long(sizeof(KernelRow)) + long(sizeof(int));
    const long bytes =
        s.window.taps() * long(sizeof(Segment)) + s.band_rows() * bytes_per_row + s.strip_rows() * long(sizeof(float*));
    return whole_lines(s.strip_floats() + (bytes + 3) / 4);
  }

  /// Copies the input rows that output rows [first, first + count), at most a band, read, and lists their kernel rows.
  /// Returns the base of their offsets.
  const float* gather(const Sliding& s, const float* source, int first, int count, const Reading& reading) const {
    const core::Window& w = s.window;
    const long source_row = long(s.source.width) * s.source.channels, row_floats = s.row_floats();
    const int rows = s.strip_rows();
    const bool copies = !s.needs_no_strip();
    for (int j = 0; j < count; j++) {
      KernelRow* to = kernel_rows + j * w.rows.kernel;
      for (int r = 0; r < w.rows.kernel; r++) {
        const int spread_at = w.rows.source(first + j, r), at = spread_at / s.spread_height;
        if (spread_at < 0 || at * s.spread_height != spread_at || at >= s.source.height) continue;
        const float* from = source + at * source_row;
        const int place = w.rows.dilation > 1 ? j * w.rows.kernel + r : at % rows;
        if (copies && held[place] != from) fill_row(s, from, reading, floats + place * row_floats), held[place] = from;
        *to++ = {copies ? place * row_floats : at * source_row, r};
      }
      kernel_row_counts[j] = int(to - (kernel_rows + j * w.rows.kernel));
    }
    return copies ? floats : source;
  }
};

/// Prefetches into L2 what the next band reads and writes while the present one computes. A core that requested all of
/// it at once would stall, so each call requests an equal share.
class Prefetcher {
 public:
  static constexpr long piece = 32;  ///< steps of a register tile between two calls
  /// Where a tile that reads `step` floats each time, up to `end`, calls step() again.
  [[gnu::always_inline]] static const float* stop(const float* from, const float* end, int step) {
    return prefetches ? from + std::min<long>(end - from, piece * step) : end;
  }

  Prefetcher(const float* reads, long read_floats, const float* writes, long written_floats, long steps)
      : reads_(reads), writes_(writes) {
    const long calls = std::max(1L, steps / piece), lines = std::max(read_floats, written_floats) / 16;
    lines_ = int(std::min(lines / calls + 1, 16L));
    read_step_ = read_floats / (lines_ * calls) + 1, write_step_ = written_floats / (lines_ * calls) + 1;
  }
  [[gnu::always_inline]] void step() {
    if constexpr (!prefetches) return;
    for (int i = 0; i < lines_; i++, reads_ += read_step_, writes_ += write_step_)
      __builtin_prefetch(reads_, 0, 2), __builtin_prefetch(writes_, 1, 2);
  }

 private:
  const float *reads_, *writes_;
  long read_step_, write_step_;  ///< floats, seldom whole lines
  int lines_;
};

/// The band after output rows [first, first + count): the source rows that it is the first to read, and its outputs.
/// The present band works on `blocks` blocks.
inline Prefetcher next_band_prefetcher(const Sliding& s, const float* source, int first, int count, const float* y,
                                       int blocks) {
  const core::Window& w = s.window;
  const long source_row = long(s.source.width) * s.source.channels,
             written = long(count) * s.out.width * s.out.channels;
  const int reach = w.rows.source(first + count, w.rows.kernel - 1);
  const int row = std::clamp(reach / s.spread_height, 0, s.source.height);
  const int rows = std::min(core::ceil_divide(count * w.rows.stride, s.spread_height), s.source.height - row);
  const long tiles = std::max(1L, long(s.out.width) * count / tile_pixels);
  return {source + row * source_row, rows * source_row, y + written, written,
          tiles * blocks * (s.block_floats() / block) / (s.spread_height * s.spread_width)};
}

}  // namespace strata::cpu::nhwc

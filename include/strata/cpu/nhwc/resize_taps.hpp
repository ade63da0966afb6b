// SPDX-License-Identifier: MIT
// The taps of a window over an enlarged map: x has C channels for each tap (kr, kc), u = crop(resize(x)),
//   y(r, p) = addend(r, p) + sum over taps of u[kr][kc](r + kr dh - top, p + kc dw - left), zero outside u
// Interpolation is separable: for every kc, rows of x are first mixed into the one row that row r of y needs; then its
// columns are mixed. Per element, that costs about 2 columns (1 + rows / factor) multiply-adds instead of
// four per tap. The gradient goes the other way. Work is cut into bands of rows and chunks of channels, so that what a
// thread mixes stays in its cache.
#pragma once

#include <strata/cpu/nhwc/resize.hpp>

namespace strata::cpu::nhwc {

inline constexpr int taps_chunk = 64;                   ///< channels
inline constexpr int taps_band = 8, taps_low_band = 4;  ///< rows of y, and of x in the gradient

STRATA_ONCE void resize_taps(const Call& call, core::Team& team);
STRATA_ONCE void resize_taps_gradient(const Call& call, core::Team& team);

#if STRATA_HAS_BODIES

/// A weighted sum of rows of floats, sum[i] = begin[i] + weight[0] from[0][i] + ..., evaluated several sources at a
/// time.
class WeightedSum {
 public:
  /// begin: null for zeros; may be `sum` itself.
  WeightedSum(const float* begin, float* sum, int count) : begin_(begin), sum_(sum), count_(count) {}
  void add(const float* from, float weight) {
    if (weight == 0) return;
    if (sources_ == max_sources) flush();
    from_[sources_] = from;
    weight_[sources_++] = weight;
  }
  void finish() {
    if (sources_ > 0 || begin_ != sum_) flush();
  }

 private:
  static constexpr int max_sources = 16;

  void flush() {
    int i = 0;
    for (; i + 4 * width <= count_; i += 4 * width) add_vectors<4>(i);
    for (; i + width <= count_; i += width) add_vectors<1>(i);
    for (; i < count_; i++) {
      float total = begin_ ? begin_[i] : 0;
      for (int s = 0; s < sources_; s++) total += weight_[s] * from_[s][i];
      sum_[i] = total;
    }
    begin_ = sum_;
    sources_ = 0;
  }
  template <int Vectors>
  [[gnu::always_inline]] void add_vectors(int i) {
    Vector total[std::size_t(Vectors)];
    core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      total[v] = begin_ ? core::simd::loadu(begin_ + i + v * width) : Vector(0.f);
    });
    for (int s = 0; s < sources_; s++) {
      const Vector weight(weight_[s]);
      core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA {
        total[v] = core::simd::fma(weight, core::simd::loadu(from_[s] + i + v * width), total[v]);
      });
    }
    core::simd::unroll<Vectors>([&](auto v)
                                    STRATA_INLINE_LAMBDA { core::simd::storeu(sum_ + i + v * width, total[v]); });
  }

  const float* begin_;
  float* sum_;
  int count_, sources_ = 0;
  const float* from_[max_sources];
  float weight_[max_sources];
};

/// A node resize_taps or resize_taps_gradient, in terms of the forward node.
struct TapsGeometry {
  const Node& node;
  Shape low, out, seen;  ///< of x, of y, of u
  const core::Window& window;

  explicit TapsGeometry(const Node& n)
      : node(n),
        low(n.op == Op::resize_taps ? n.in : n.out),
        out(n.op == Op::resize_taps ? n.out : n.in),
        seen(graph::enlarged_map(n, out)),
        window(n.window) {}

  int chunks() const { return core::ceil_divide(out.channels, taps_chunk); }
  long low_row() const { return long(low.width) * low.channels; }
  /// The rows of x that row r of y mixes through kernel row kr. Returns false if that reads padding.
  bool rows(int r, int kr, Mix& mix) const {
    const int at = window.rows.source(r, kr);
    if (at < 0 || at >= seen.height) return false;
    mix = mix_of(at + node.offset_y, node.factor, low.height, node.mode);
    return true;
  }
  /// mixes[c] = the columns of x that column c of u mixes.
  void columns(Mix* mixes) const {
    for (int c = 0; c < seen.width; c++) mixes[c] = mix_of(c + node.offset_x, node.factor, low.width, node.mode);
  }
};

#endif  // STRATA_HAS_BODIES

/// Floats of a thread: one row [column of x][kc][chunk], and the mixes of the columns.
constexpr long resize_taps_workspace(const Node& node) {
  const bool forward = node.op == Op::resize_taps;
  const int low_width = forward ? node.in.width : node.out.width;
  const int seen_width = graph::enlarged_map(node, forward ? node.out : node.in).width;
  return whole_lines(long(low_width) * node.window.columns.kernel * taps_chunk) +
         whole_lines(seen_width * long(sizeof(Mix) / sizeof(float)));
}

#if STRATA_HAS_BODIES

STRATA_ONCE void resize_taps(const Call& call, core::Team& team) {
  const TapsGeometry t(*call.node);
  const core::Window& w = t.window;
  const int bands = core::ceil_divide(t.out.height, taps_band), chunks_of_channels = t.chunks(),
            channels = t.out.channels;
  const long mixed_floats = whole_lines(long(t.low.width) * w.columns.kernel * taps_chunk);
  team.for_each(call.images() * bands * chunks_of_channels, [&](int item, int slot) {
    const int n = item / (bands * chunks_of_channels), first = item / chunks_of_channels % bands * taps_band,
              channel = item % chunks_of_channels * taps_chunk;
    const int count = std::min(taps_chunk, channels - channel);
    float* const mixed = call.slot(slot);
    Mix* const mixes = reinterpret_cast<Mix*>(mixed + mixed_floats);
    t.columns(mixes);
    const float* x = call.input(Input::x, n) + channel;
    for (int r = first; r < std::min(first + taps_band, t.out.height); r++) {
      for (int j = 0; j < t.low.width; j++)
        for (int kc = 0; kc < w.columns.kernel; kc++) {
          WeightedSum sum(nullptr, mixed + (long(j) * w.columns.kernel + kc) * taps_chunk, count);
          for (int kr = 0; kr < w.rows.kernel; kr++) {
            Mix rows;
            if (!t.rows(r, kr, rows)) continue;
            const float* from = x + long(j) * t.low.channels + long(kr * w.columns.kernel + kc) * channels;
            for (int k = 0; k < 2; k++) sum.add(from + rows.at[k] * t.low_row(), rows.weight[k]);
          }
          sum.finish();
        }
      for (int p = 0; p < t.out.width; p++) {
        const long at = (long(r) * t.out.width + p) * channels + channel;
        float* y = call.y(n) + at;  // may be the addend
        WeightedSum sum(call.inputs[Input::residual] ? call.input(Input::residual, n) + at : nullptr, y, count);
        for (int kc = 0; kc < w.columns.kernel; kc++) {
          const int column = w.columns.source(p, kc);
          if (column < 0 || column >= t.seen.width) continue;
          const Mix& m = mixes[column];
          for (int k = 0; k < 2; k++)
            sum.add(mixed + (long(m.at[k]) * w.columns.kernel + kc) * taps_chunk, m.weight[k]);
        }
        sum.finish();
        if (call.node->epilogue.functor != graph::no_functor) call.functor().apply(y, count);
      }
    }
  });
}

/// The weight of `row` in a mix.
inline float share_of(const Mix& mix, int row) {
  return (mix.at[0] == row ? mix.weight[0] : 0.f) + (mix.at[1] == row ? mix.weight[1] : 0.f);
}

/// Input: dy. Each row of y is first mixed into columns of x, then added to the rows of x that it came from.
STRATA_ONCE void resize_taps_gradient(const Call& call, core::Team& team) {
  const TapsGeometry t(*call.node);
  const core::Window& w = t.window;
  const int bands = core::ceil_divide(t.low.height, taps_low_band), chunks_of_channels = t.chunks(),
            channels = t.out.channels;
  const long mixed_floats = whole_lines(long(t.low.width) * w.columns.kernel * taps_chunk);
  team.for_each(call.images() * bands * chunks_of_channels, [&](int item, int slot) {
    const int n = item / (bands * chunks_of_channels), first = item / chunks_of_channels % bands * taps_low_band,
              channel = item % chunks_of_channels * taps_chunk;
    const int last = std::min(first + taps_low_band, t.low.height), count = std::min(taps_chunk, channels - channel);
    float *const mixed = call.slot(slot), *const dx = call.y(n) + channel;
    Mix* const mixes = reinterpret_cast<Mix*>(mixed + mixed_floats);
    t.columns(mixes);
    for (long pixel = long(first) * t.low.width; pixel < long(last) * t.low.width; pixel++)
      for (int tap = 0; tap < w.taps(); tap++)
        std::fill_n(dx + pixel * t.low.channels + long(tap) * channels, count, 0.f);
    for (int r = 0; r < t.out.height; r++) {
      bool read = false;
      for (int kr = 0; kr < w.rows.kernel; kr++) {
        Mix rows;
        if (!t.rows(r, kr, rows)) continue;
        for (int row = first; row < last; row++) read = read || share_of(rows, row) != 0;
      }
      if (!read) continue;
      const float* dy = call.input(Input::dy, n) + long(r) * t.out.width * channels + channel;
      for (int j = 0; j < t.low.width; j++)
        for (int kc = 0; kc < w.columns.kernel; kc++) {
          WeightedSum sum(nullptr, mixed + (long(j) * w.columns.kernel + kc) * taps_chunk, count);
          const int shift = w.columns.source(0, kc);  // column of u - column of y
          const int begin = std::max({0, (j - 1) * t.node.factor - t.node.offset_x, shift});
          const int end = std::min({t.seen.width, (j + 2) * t.node.factor - t.node.offset_x, t.out.width + shift});
          for (int column = begin; column < end; column++)
            sum.add(dy + long(column - shift) * channels, share_of(mixes[column], j));
          sum.finish();
        }
      for (int kr = 0; kr < w.rows.kernel; kr++) {
        Mix rows;
        if (!t.rows(r, kr, rows)) continue;
        for (int row = first; row < last; row++) {
          const float share = share_of(rows, row);
          if (share == 0) continue;
          for (int j = 0; j < t.low.width; j++)
            for (int kc = 0; kc < w.columns.kernel; kc++) {
              float* to =
                  dx + row * t.low_row() + long(j) * t.low.channels + long(kr * w.columns.kernel + kc) * channels;
              WeightedSum sum(to, to, count);
              sum.add(mixed + (long(j) * w.columns.kernel + kc) * taps_chunk, share);
              sum.finish();
            }
        }
      }
    }
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

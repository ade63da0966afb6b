// SPDX-License-Identifier: MIT
// Convolution of a small image to at most half as many channels as a vector has lanes: two columns of outputs at once.
// The lower half of a vector computes a column on the left, the upper half the column half the map's width to its
// right, so the windows of a max pool stay within a half. The inputs of such a pair of columns are broadcast to the
// halves of a vector once:
//   pairs [row of a ring][float of a row of the padded image][width]
// Packed weights: [bias, then kernel row, kernel column, input channel][both halves].
#pragma once

#include <strata/cpu/nhwc/fixed_shape/key.hpp>

namespace strata::cpu::nhwc::fixed_shape {

/// Broadcasts `Count` floats of both rows, each pair to the two halves of a vector.
template <int Count>
inline void broadcast_pairs(const float* left, const float* right, float* pairs) {
  alignas(64) static constexpr auto is_left = [] {
    std::array<float, width> mask{};
    for (int i = 0; i < width / 2; i++) mask[std::size_t(i)] = 1;
    return mask;
  }();
  const Vector mask = core::simd::load(is_left.data());
  for (int i = 0; i < Count; i++, pairs += width)
    core::simd::store(pairs, where_positive(mask, Vector(left[i]), Vector(right[i])));
}

/// `Windows` pooling windows side by side in each half. rows: rows of pairs, with offset `at` at the first window.
template <ConvolutionKey K, class F, int Windows, std::size_t Rows>
[[gnu::always_inline]] inline void convolve_pairs(const float* const (&rows)[Rows], long at, const float* packed,
                                                  float* y) {
  constexpr int columns = Windows * K.pool_width, pixels = K.pool_height * columns, half = width / 2;
  constexpr core::Window w = K.window;
  Vector sum[std::size_t(pixels)];
  const Vector bias = core::simd::load(packed);
  core::simd::unroll<pixels>([&](auto p) STRATA_INLINE_LAMBDA { sum[p] = bias; });
  core::simd::unroll<w.taps()>([&](auto tap) STRATA_INLINE_LAMBDA {
    core::simd::unroll<K.in.channels>([&](auto i) STRATA_INLINE_LAMBDA {
      const Vector weight = core::simd::load(packed + (1 + long(tap) * K.in.channels + i) * width);
      core::simd::unroll<pixels>([&](auto p) STRATA_INLINE_LAMBDA {
        constexpr int row = w.rows.source(p / columns, tap / w.columns.kernel) + w.rows.before;
        constexpr int column = w.columns.source(p % columns, tap % w.columns.kernel) + w.columns.before;
        sum[p] = core::simd::fma(core::simd::load(rows[row] + at + (long(column) * K.in.channels + i) * width), weight,
                                 sum[p]);
      });
    });
  });
  core::simd::unroll<Windows>([&](auto v) STRATA_INLINE_LAMBDA {
    const Vector most = pooled<K, F>([&](auto k) STRATA_INLINE_LAMBDA {
      return sum[k / K.pool_width * columns + v * K.pool_width + k % K.pool_width];
    });
    alignas(64) float both[width];
    core::simd::store(both, most);
    std::copy_n(both, K.out.channels, y + v * K.out.channels);
    std::copy_n(both + half, K.out.channels, y + (v + K.pair_shift()) * K.out.channels);
  });
}

/// A whole image. padded_image: filled by fill_padded_image; ring: K.pairs_floats() floats.
template <ConvolutionKey K, class F>
void convolution_of_pairs(const float* padded_image, float* ring, const float* packed, float* y) {
  constexpr int rows = K.pair_rows(), step = K.pool_height * K.window.rows.stride, tiles = K.pair_tiles();
  constexpr int wide = core::ceil_divide(K.pair_columns(), tiles), narrow = K.pair_columns() / tiles;
  constexpr int wide_tiles = K.pair_columns() - narrow * tiles;
  constexpr long advance =
      long(K.pool_width) * K.window.columns.stride * K.in.channels;  // floats from window to window
  for (int r = 0, filled = 0; r < K.out.height; r++) {
    for (; filled < r * step + rows; filled++) {
      const float* const row = padded_image + filled * K.padded_row();
      broadcast_pairs<K.pairs_of_row()>(row, row + K.pair_shift() * advance,
                                        ring + long(filled % rows) * K.pairs_of_row() * width);
    }
    const float* of[std::size_t(rows)];
    for (int k = 0; k < rows; k++) of[k] = ring + long((r * step + k) % rows) * K.pairs_of_row() * width;
    float* to = y + long(r) * K.out.width * K.out.channels;
    long at = 0;
    for (int t = 0; t < wide_tiles; t++, at += wide * advance * width, to += wide * K.out.channels)
      convolve_pairs<K, F, wide>(of, at, packed, to);
    for (int t = wide_tiles; t < tiles; t++, at += narrow * advance * width, to += narrow * K.out.channels)
      convolve_pairs<K, F, narrow>(of, at, packed, to);
  }
}

/// Packs OIHW weights, times the scale of a folded batch norm. scale and bias may be null.
inline void pack_pairs(const ConvolutionKey& key, const float* weights, const float* scale, const float* bias,
                       float* to) {
  const int taps = key.window.taps(), half = (key.width() + 1) / 2;  // vectors of one float never prefer pairs
  for (int k = -1; k < key.taps(); k++)
    for (int j = 0; j < key.width(); j++, to++) {
      const int o = j % half, tap = k / key.in.channels, i = k % key.in.channels;
      if (o >= key.mid.channels) *to = 0;
      else if (k < 0) *to = bias ? bias[o] : 0;
      else *to = weights[(long(o) * key.in.channels + i) * taps + tap] * (scale ? scale[o] : 1.f);
    }
}

}  // namespace strata::cpu::nhwc::fixed_shape

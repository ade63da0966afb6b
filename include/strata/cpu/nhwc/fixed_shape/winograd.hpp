// SPDX-License-Identifier: MIT
// Winograd F(2x2, 3x3) of a small image: each 2 x 2 outputs come from 4 x 4 inputs by 16 products per pair of channels
// instead of 36. With inputs d and weights g, y = A^T [(G g G^T) (B^T d B)] A, where
//   B^T = 1  0 -1  0    G =  1    0    0     A^T = 1  1  1  0
//         0  1  1  0        1/2  1/2  1/2          0  1 -1 -1
//         0 -1  1  0        1/2 -1/2  1/2
//         0  1  0 -1         0    0    1
// A pool of 2 x 2 is the maximum of one tile. Tiles are processed in bands of rows whose values stay in L1.
// Packed weights: bias[channels], then [frequency][group of channels][input channel][vectors of the group].
#pragma once

#include <strata/cpu/nhwc/fixed_shape/key.hpp>
#include <strata/spec/relu.hpp>

#include <type_traits>

namespace strata::cpu::nhwc::fixed_shape {

/// One dimension of B^T d.
[[gnu::always_inline]] inline void transform_four(Vector d0, Vector d1, Vector d2, Vector d3, Vector (&to)[4]) {
  to[0] = d0 - d2, to[1] = d1 + d2, to[2] = d2 - d1, to[3] = d1 - d3;
}

/// Transforms the tile at x in the padded image to v[frequency][tile][channel], with K.band_tiles() tiles per
/// frequency.
template <ConvolutionKey K>
void transform_input(const float* x, float* v) {
  constexpr int channels = K.in.channels;
  constexpr long frequency = long(K.band_tiles()) * channels;
  for (int c = 0; c < channels; c += width) {
    Vector column[4][4];
    core::simd::unroll<4>([&](auto j) STRATA_INLINE_LAMBDA {
      const float* const d = x + j * channels + c;
      transform_four(core::simd::loadu(d), core::simd::loadu(d + K.padded_row()),
                     core::simd::loadu(d + 2 * K.padded_row()), core::simd::loadu(d + 3 * K.padded_row()), column[j]);
    });
    core::simd::unroll<4>([&](auto i) STRATA_INLINE_LAMBDA {
      Vector row[4];
      transform_four(column[0][i], column[1][i], column[2][i], column[3][i], row);
      core::simd::unroll<4>([&](auto j)
                                STRATA_INLINE_LAMBDA { core::simd::storeu(v + (i * 4 + j) * frequency + c, row[j]); });
    });
  }
}

/// m[Tiles][group of channels] = v[Tiles][input channels] w, for one frequency.
template <ConvolutionKey K, int Tiles>
[[gnu::always_inline]] inline void multiply_tiles(const float* v, const float* w, float* m) {
  constexpr int vectors = K.product_vectors(), channels = K.in.channels;
  Vector sum[std::size_t(Tiles)][std::size_t(vectors)];
  core::simd::unroll<Tiles>([&](auto t) STRATA_INLINE_LAMBDA {
    core::simd::unroll<vectors>([&](auto o) STRATA_INLINE_LAMBDA { sum[t][o] = Vector(0.f); });
  });
  for (int c = 0; c < channels; c++, w += vectors * width)
    accumulate<Tiles, vectors>(
        v + c, [](int t) { return t * channels; }, w, sum);
  core::simd::unroll<Tiles>([&](auto t) STRATA_INLINE_LAMBDA {
    core::simd::unroll<vectors>(
        [&](auto o) STRATA_INLINE_LAMBDA { core::simd::storeu(m + t * K.mid.channels + o * width, sum[t][o]); });
  });
}

/// All frequencies and channels of a band.
template <ConvolutionKey K>
void multiply(const float* v, const float* w, float* m) {
  constexpr int most = std::max(1, K.accumulators() / K.product_vectors()),
                parts = core::ceil_divide(K.band_tiles(), most);
  constexpr int wide = core::ceil_divide(K.band_tiles(), parts), narrow = K.band_tiles() / parts,
                wide_parts = K.band_tiles() % parts;
  for (int f = 0; f < 16; f++, v += K.band_tiles() * K.in.channels, m += K.band_tiles() * K.mid.channels)
    for (int g = 0; g < K.product_groups(); g++, w += K.in.channels * K.product_vectors() * width) {
      const float* from = v;
      float* to = m + g * K.product_vectors() * width;
      for (int p = 0; p < wide_parts; p++, from += wide * K.in.channels, to += wide * K.mid.channels)
        multiply_tiles<K, wide>(from, w, to);
      for (int p = wide_parts; p < parts; p++, from += narrow * K.in.channels, to += narrow * K.mid.channels)
        multiply_tiles<K, narrow>(from, w, to);
    }
}

/// Transforms one tile of m[frequency][tile][channel] to its outputs at y, of which rows x columns exist.
template <ConvolutionKey K, class F>
void transform_output(const float* m, const float* bias, int rows, int columns, float* y) {
  constexpr long frequency = long(K.band_tiles()) * K.mid.channels;
  for (int c = 0; c < K.mid.channels; c += width) {
    const auto gather = [](Vector m0, Vector m1, Vector m2, Vector m3, Vector& first, Vector& second)
                            STRATA_INLINE_LAMBDA { first = m0 + (m1 + m2), second = (m1 - m2) - m3; };
    Vector column[4][2], z[4];
    core::simd::unroll<4>([&](auto j) STRATA_INLINE_LAMBDA {
      const auto at = [&](int i) STRATA_INLINE_LAMBDA { return core::simd::loadu(m + (i * 4 + j) * frequency + c); };
      gather(at(0), at(1), at(2), at(3), column[j][0], column[j][1]);
    });
    core::simd::unroll<2>([&](auto i) STRATA_INLINE_LAMBDA {
      gather(column[0][i], column[1][i], column[2][i], column[3][i], z[2 * i], z[2 * i + 1]);
    });
    const Vector b = core::simd::load(bias + c);
    core::simd::unroll<4>([&](auto i) STRATA_INLINE_LAMBDA {
      z[i] = z[i] + b;
      if constexpr (!std::is_void_v<F>) z[i] = F::f(z[i]);
    });
    if constexpr (K.pool_pixels() == 4) {
      core::simd::storeu(y + c, maximum(maximum(z[0], z[1]), maximum(z[2], z[3])));
    } else {
      core::simd::unroll<4>([&](auto i) STRATA_INLINE_LAMBDA {
        if (i / 2 < rows && i % 2 < columns)
          core::simd::storeu(y + (long(i / 2) * K.out.width + i % 2) * K.out.channels + c, z[i]);
      });
    }
  }
}

/// A whole image. x: the padded image; work: the Winograd part of workspace_floats().
template <ConvolutionKey K, class F>
void winograd(const float* x, const float* packed, float* work, float* y) {
  constexpr int tile = K.pool_pixels() == 4 ? 1 : 2;  // outputs per side
  float *const v = work, *const m = work + whole_lines(16L * K.band_tiles() * K.in.channels);
  for (int first = 0; first < K.tile_rows(); first += K.band_rows()) {
    for (int t = 0; t < K.band_tiles(); t++) {
      const int r = first + t / K.tile_columns(), c = t % K.tile_columns();
      transform_input<K>(x + 2 * r * K.padded_row() + 2L * c * K.in.channels, v + t * K.in.channels);
    }
    multiply<K>(v, packed + whole_lines(K.mid.channels), m);
    for (int t = 0; t < K.band_tiles(); t++) {
      const int r = (first + t / K.tile_columns()) * tile, c = t % K.tile_columns() * tile;
      transform_output<K, F>(m + t * K.mid.channels, packed, K.out.height - r, K.out.width - c,
                             y + (long(r) * K.out.width + c) * K.out.channels);
    }
  }
}

/// Packs OIHW weights, times the scale of a folded batch norm, for winograd<k>. scale and bias may be null.
inline void pack_winograd(const ConvolutionKey& k, const float* weights, const float* scale, const float* bias,
                          float* to) {
  constexpr double g[4][3] = {{1, 0, 0}, {0.5, 0.5, 0.5}, {0.5, -0.5, 0.5}, {0, 0, 1}};
  for (int o = 0; o < k.mid.channels; o++) to[o] = bias ? bias[o] : 0;
  to += whole_lines(k.mid.channels);
  const int group = k.product_vectors() * k.width();
  for (int o = 0; o < k.mid.channels; o++)
    for (int c = 0; c < k.in.channels; c++)
      for (int f = 0; f < 16; f++) {
        double sum = 0;
        for (int i = 0; i < 3; i++)
          for (int j = 0; j < 3; j++)
            sum += g[f / 4][i] * g[f % 4][j] * double(weights[(long(o) * k.in.channels + c) * 9 + i * 3 + j]);
        to[((long(f) * k.product_groups() + o / group) * k.in.channels + c) * group + o % group] =
            float(sum * (scale ? double(scale[o]) : 1.0));
      }
}

}  // namespace strata::cpu::nhwc::fixed_shape

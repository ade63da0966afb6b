// SPDX-License-Identifier: MIT
// Convolution of a small image whose bounds are all constants: the image is copied once into a zero-padded buffer,
// the padded image; a register tile of pixels by vectors of channels runs over it; bias, functor and max pool are
// applied in registers.
// Packed weights: [group of channels][bias, then kernel row, kernel column, input channel][vectors of the group].
#pragma once

#include <strata/cpu/nhwc/fixed_shape/image_rows.hpp>
#include <strata/cpu/nhwc/fixed_shape/pairs.hpp>
#include <strata/cpu/nhwc/fixed_shape/winograd.hpp>

namespace strata::cpu::nhwc::fixed_shape {

/// Fills the padded image: the image with zeros around it.
template <ConvolutionKey K>
void fill_padded_image(const Call& call, int image, float* padded_image) {
  constexpr int channels = K.in.channels, left = std::min(K.window.columns.before, K.padded_width());
  constexpr int columns = std::clamp(K.padded_width() - left, 0, K.in.width), right = K.padded_width() - left - columns;
  const auto rows = [&](auto&& copy) {
    for (int y = 0; y < K.padded_height(); y++, padded_image += K.padded_row()) {
      const int from = y - K.window.rows.before;
      if (from < 0 || from >= K.in.height) {
        std::fill_n(padded_image, K.padded_row(), 0.f);
        continue;
      }
      std::fill_n(padded_image, left * channels, 0.f);
      copy(long(from) * K.in.width * channels, padded_image + left * channels);
      std::fill_n(padded_image + (left + columns) * channels, right * channels, 0.f);
    }
  };
  if constexpr (K.reads_image) {
    const float* scale = call.step->buffers + call.producer->buffers;
    const ImageRows<channels> raw(call.step->images, image, K.in.size(), scale, scale + channels);
    rows([&](long from, float* to) { raw.template convert<columns * channels>(from, to); });
  } else {
    const float* x = call.input(Input::x, image);
    rows([&](long from, float* to) { std::copy_n(x + from, columns * channels, to); });
  }
}

/// `Windows` pooling windows side by side and one group of channels. x: the first pixel's window in the padded
/// image; [first, last): kernel rows; y: the first output pixel, with `channels` channels left from there on.
template <ConvolutionKey K, class F, int Windows>
[[gnu::always_inline]] inline void convolve(const float* x, int first, int last, const float* packed, float* y,
                                            int channels) {
  constexpr int vectors = K.vectors(), step = K.group_channels();
  constexpr int columns = Windows * K.pool_width, pixels = K.pool_height * columns;
  constexpr auto offset = [](int pixel) {
    return long(pixel / columns) * K.window.rows.stride * K.padded_row() +
           long(pixel % columns) * K.window.columns.stride * K.in.channels;
  };
  Vector sum[std::size_t(pixels)][std::size_t(vectors)];
  core::simd::unroll<vectors>([&](auto v) STRATA_INLINE_LAMBDA {
    const Vector bias = core::simd::load(packed + v * width);
    core::simd::unroll<pixels>([&](auto p) STRATA_INLINE_LAMBDA { sum[p][v] = bias; });
  });
  const auto add = [&](const float* from, const float* w)
                       STRATA_INLINE_LAMBDA { accumulate<pixels, vectors>(from, offset, w, sum); };
  constexpr bool dense_columns = K.window.columns.dilation == 1;
  constexpr int runs = dense_columns ? 1 : K.window.columns.kernel;
  constexpr int length = (dense_columns ? K.window.columns.kernel : 1) * K.in.channels;
  const float* w = packed + step + long(first) * runs * length * step;
  x += long(first) * K.window.rows.dilation * K.padded_row();
  if constexpr (K.unrolls()) {
    core::simd::unroll<K.window.rows.kernel>([&](auto r) STRATA_INLINE_LAMBDA {
      core::simd::unroll<runs>([&](auto c) STRATA_INLINE_LAMBDA {
        core::simd::unroll<length>([&](auto i) STRATA_INLINE_LAMBDA {
          add(x + long(r) * K.window.rows.dilation * K.padded_row() +
                  long(c) * K.window.columns.dilation * K.in.channels + i,
              w + (long(r * runs + c) * length + i) * step);
        });
      });
    });
  } else {
    for (int r = first; r < last; r++, x += K.window.rows.dilation * K.padded_row())
      for (int c = 0; c < runs; c++) {
        const float* from = x + long(c) * K.window.columns.dilation * K.in.channels;
        for (const float* const end = from + length; from != end; from++, w += step) add(from, w);
      }
  }
  core::simd::unroll<Windows>([&](auto p) STRATA_INLINE_LAMBDA {
    core::simd::unroll<vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      const Vector most = pooled<K, F>([&](auto k) STRATA_INLINE_LAMBDA {
        return sum[k / K.pool_width * columns + p * K.pool_width + k % K.pool_width][v];
      });
      float* const to = y + p * K.out.channels + v * width;
      if (K.mid.channels % width == 0 || channels >= (v + 1) * width) {
        if (K.mid.channels % step == 0 || channels > v * width) core::simd::storeu(to, most);
      } else if (channels > v * width) {
        alignas(64) float all[width];
        core::simd::store(all, most);
        std::copy_n(all, channels - v * width, to);
      }
    });
  });
}

/// A row of outputs of one group, cut into tiles of almost equal width.
template <ConvolutionKey K, class F>
void convolve_row(const float* x, int first, int last, const float* packed, float* y, int channels) {
  constexpr int wide = core::ceil_divide(K.out.width, K.tiles()), narrow = K.out.width / K.tiles();
  constexpr int wide_tiles = K.out.width - narrow * K.tiles();
  constexpr int step = K.pool_width * K.window.columns.stride * K.in.channels;
  for (int t = 0; t < wide_tiles; t++, x += wide * step, y += wide * K.out.channels)
    convolve<K, F, wide>(x, first, last, packed, y, channels);
  for (int t = wide_tiles; t < K.tiles(); t++, x += narrow * step, y += narrow * K.out.channels)
    convolve<K, F, narrow>(x, first, last, packed, y, channels);
}

template <ConvolutionKey K, class F>
void convolution(const Call& call, core::Team& team) {
  team.for_each(call.images(), [&](int n, int slot) {
    const float* x = call.input(Input::x, n);
    if constexpr (K.needs_padded_image()) {
      fill_padded_image<K>(call, n, call.slot(slot));
      x = call.slot(slot);
    }
    if constexpr (K.winograd) {
      winograd<K, F>(x, call.packed, call.slot(slot) + K.padded_floats(), call.y(n));
      return;
    }
    if constexpr (K.pairs)
      return convolution_of_pairs<K, F>(x, call.slot(slot) + K.padded_floats(), call.packed, call.y(n));
    for (int r = 0; r < K.out.height; r++) {
      const float* const row = x + r * K.pool_height * K.window.rows.stride * K.padded_row();
      int first = 0, last = K.window.rows.kernel;
      if constexpr (K.pool_height == 1 && !K.unrolls()) {  // kernel rows outside the image add nothing
        while (first < last && K.window.rows.source(r, first) < 0) first++;
        while (last > first && K.window.rows.source(r, last - 1) >= K.in.height) last--;
      }
      constexpr long row_floats = long(K.out.width) * K.out.channels;
      float* const y = call.y(n) + r * row_floats;
      float* to = y;
      if constexpr (K.may_overwrite())
        if (x == call.y(n)) to = call.slot(slot);
      for (int g = 0; g < K.groups(); g++)
        fixed_shape::convolve_row<K, F>(row, first, last, call.packed + g * K.group_floats(),
                                        to + g * K.group_channels(), K.mid.channels - g * K.group_channels());
      if (to != y) std::copy_n(to, row_floats, y);
    }
  });
}

/// Packs OIHW weights, times the scale of a folded batch norm, for convolution<key>. scale and bias may be null.
inline void pack_convolution(const ConvolutionKey& key, const float* weights, const float* scale, const float* bias,
                             float* to) {
  if (key.winograd) return pack_winograd(key, weights, scale, bias, to);
  if (key.pairs) return pack_pairs(key, weights, scale, bias, to);
  const int taps = key.window.taps(), channels = key.group_channels();
  for (int g = 0; g < key.groups(); g++)
    for (int k = -1; k < key.taps(); k++)
      for (int j = 0; j < channels; j++, to++) {
        const int o = g * channels + j, tap = k / key.in.channels, i = k % key.in.channels;
        if (o >= key.mid.channels) *to = 0;
        else if (k < 0) *to = bias ? bias[o] : 0;
        else *to = weights[(long(o) * key.in.channels + i) * taps + tap] * (scale ? scale[o] : 1.f);
      }
}

}  // namespace strata::cpu::nhwc::fixed_shape

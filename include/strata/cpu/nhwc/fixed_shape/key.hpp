// SPDX-License-Identifier: MIT
// What the code of a fixed-shape convolution depends on, the sizes that follow from it, and the inner step that its two
// algorithms, direct and Winograd, share.
#pragma once

#include <strata/cpu/nhwc/convolution.hpp>
#include <strata/spec/relu.hpp>

#include <type_traits>

namespace strata::cpu::nhwc::fixed_shape {

/// Equal keys share one function.
struct ConvolutionKey {
  Shape in{}, mid{}, out{};
  core::Window window{};
  int pool_height = 1, pool_width = 1;
  bool reads_image = false;  ///< the input is the user's image, scaled while it is padded
  bool winograd = false, pairs = false;
  Machine machine = this_machine;

  constexpr int width() const { return machine.lanes; }
  constexpr int accumulators() const { return machine.tiles().fixed_shape_sums; }
  constexpr int pool_pixels() const { return pool_height * pool_width; }
  constexpr int all_vectors() const { return core::ceil_divide(mid.channels, width()); }
  /// Vectors of output channels per tile: as many as the registers allow, spread evenly over the groups.
  constexpr int vectors() const { return core::ceil_divide(all_vectors(), groups()); }
  constexpr int groups() const {
    const int most = std::clamp(accumulators() / pool_pixels(), 1, 4);
    return core::ceil_divide(all_vectors(), most);
  }
  /// The most pooling windows (or pixels) of a row that a tile holds, and the number of tiles in a row.
  constexpr int widest_tile() const {
    return std::max(1, (unrolls() ? accumulators() * 2 / 3 : accumulators()) / (pool_pixels() * vectors()));
  }
  constexpr int tiles() const { return core::ceil_divide(out.width, widest_tile()); }

  /// The padded image covers the windows of all used pixels.
  constexpr int padded_height() const {
    if (winograd) return 2 * tile_rows() + 2;
    return window.rows.reach(out.height * pool_height);
  }
  constexpr int padded_width() const {
    if (winograd) return 2 * tile_columns() + 2;
    return window.columns.reach(out.width * pool_width);
  }
  constexpr long padded_row() const { return long(padded_width()) * in.channels; }
  constexpr bool needs_padded_image() const {
    return pairs || reads_image || padded_height() != in.height || padded_width() != in.width || pads();
  }
  constexpr bool pads() const { return window.rows.before != 0 || window.columns.before != 0; }
  constexpr long padded_floats() const {
    return needs_padded_image() ? whole_lines(padded_height() * padded_row()) : 0;
  }

  /// Whether the value may overwrite the input, in a workspace of a row of outputs.
  constexpr bool may_overwrite() const {
    return !needs_padded_image() && !winograd && window.taps() == 1 && in == out && mid == out;
  }

  constexpr int group_channels() const { return vectors() * width(); }
  constexpr int taps() const { return window.taps() * in.channels; }
  constexpr bool unrolls() const {
    return taps() <= 16;
  }  ///< all taps written out, their weights in the free registers
  constexpr long group_floats() const { return (taps() + 1L) * group_channels(); }
  constexpr long packed_floats() const {
    if (winograd) return whole_lines(mid.channels) + 16L * in.channels * mid.channels;
    if (pairs) return whole_lines((taps() + 1L) * width());
    return whole_lines(groups() * group_floats());
  }
  constexpr long workspace_floats() const {
    return padded_floats() + pairs_floats() +
           (winograd
                ? 16 * (whole_lines(long(band_tiles()) * in.channels) + whole_lines(long(band_tiles()) * mid.channels))
                : 0);
  }

  // --- pairs of columns, half the map apart (pairs.hpp)
  constexpr int pair_columns() const { return (out.width + 1) / 2; }       ///< of the left half, pooled
  constexpr int pair_shift() const { return out.width - pair_columns(); }  ///< from a column to its partner
  constexpr int pair_rows() const { return window.rows.reach(pool_height); }
  constexpr int pair_tiles() const {  // besides the sums, registers hold a tap's weight and an input
    const int most = std::max(1, (accumulators() * 5 / 6) / pool_pixels());
    return core::ceil_divide(pair_columns(), most);
  }
  constexpr int pairs_of_row() const { return window.columns.reach(pair_columns() * pool_width) * in.channels; }
  constexpr long pairs_floats() const { return pairs ? long(pair_rows()) * pairs_of_row() * width() : 0; }
  /// Whether a vector would be at most half full, and most columns of a row of outputs have a partner.
  constexpr bool prefers_pairs() const { return 2 * mid.channels <= width() && unrolls() && out.width >= 4; }

  // --- Winograd: tiles of 2 x 2 outputs in bands of rows
  constexpr int tile_rows() const { return (out.height * pool_height + 1) / 2; }
  constexpr int tile_columns() const { return (out.width * pool_width + 1) / 2; }
  constexpr int band_rows() const {
    for (int rows = tile_rows(); rows > 1; rows--)
      if (tile_rows() % rows == 0 && 16L * rows * tile_columns() * (in.channels + mid.channels) <= max_band_floats)
        return rows;
    return 1;
  }
  constexpr int band_tiles() const { return band_rows() * tile_columns(); }
  constexpr int product_groups() const { return (all_vectors() + 3) / 4; }
  constexpr int product_vectors() const { return all_vectors() / product_groups(); }
  constexpr bool can_use_winograd() const {
    const auto suits = [](const core::Axis& a) { return a.kernel == 3 && a.stride == 1 && a.dilation == 1; };
    return suits(window.rows) && suits(window.columns) &&
           (pool_pixels() == 1 || (pool_height == 2 && pool_width == 2)) && in.channels % width() == 0 &&
           mid.channels % width() == 0 && all_vectors() % product_groups() == 0;
  }
  /// Whether Winograd, where it can be used, takes fewer vector instructions: multiply-adds, and the loads, sums and
  /// stores of the transforms.
  constexpr bool winograd_saves() const {
    const long direct = long(out.pixels()) * pool_pixels() * taps() * all_vectors();
    const long products = 16L * in.channels * all_vectors(),
               transforms = 32L * (in.channels / width()) + 60L * all_vectors();
    return long(tile_rows()) * tile_columns() * (products + transforms) < direct;
  }

  static constexpr long max_band_floats = 5 << 10;
};

/// sum[Pixels][Vectors] += x[pixel] w[Vectors]; pixel p is offset(p) floats from x.
template <int Pixels, int Vectors, class Offset>
[[gnu::always_inline]] inline void accumulate(const float* x, Offset offset, const float* w,
                                              Vector (&sum)[std::size_t(Pixels)][std::size_t(Vectors)]) {
  if constexpr (Vectors <= Pixels) {
    Vector weight[std::size_t(Vectors)];
    core::simd::unroll<Vectors>(
        [&](auto v) STRATA_INLINE_LAMBDA { weight[v] = core::simd::load(w + v * width), pin(weight[v]); });
    core::simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA {
      const Vector pixel(x[offset(p)]);
      core::simd::unroll<Vectors>(
          [&](auto v) STRATA_INLINE_LAMBDA { sum[p][v] = core::simd::fma(pixel, weight[v], sum[p][v]); });
    });
  } else {
    Vector pixel[std::size_t(Pixels)];
    core::simd::unroll<Pixels>([&](auto p) STRATA_INLINE_LAMBDA { pixel[p] = Vector(x[offset(p)]), pin(pixel[p]); });
    core::simd::unroll<Vectors>([&](auto v) STRATA_INLINE_LAMBDA {
      Vector weight = core::simd::load(w + v * width);
      pin(weight);
      core::simd::unroll<Pixels>(
          [&](auto p) STRATA_INLINE_LAMBDA { sum[p][v] = core::simd::fma(pixel[p], weight, sum[p][v]); });
    });
  }
}

/// The maximum of f(sum) over a pooling window. sum_of(integral_constant<int, k>): the sum of its k-th pixel.
template <ConvolutionKey K, class F, class SumOf>
[[gnu::always_inline]] inline Vector pooled(SumOf&& sum_of) {
  constexpr bool rises = std::is_same_v<F, spec::relu>;  // f is monotonic, so the maximum may come first
  const auto of = [&](auto k) STRATA_INLINE_LAMBDA -> Vector {
    if constexpr (std::is_void_v<F> || rises) return sum_of(k);
    else return F::f(sum_of(k));
  };
  Vector most = of(std::integral_constant<int, 0>{});
  core::simd::unroll<K.pool_pixels() - 1>(
      [&](auto k) STRATA_INLINE_LAMBDA { most = maximum(most, of(std::integral_constant<int, k + 1>{})); });
  if constexpr (rises) return F::f(most);
  else return most;
}

}  // namespace strata::cpu::nhwc::fixed_shape

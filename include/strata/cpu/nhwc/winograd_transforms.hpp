// SPDX-License-Identifier: MIT
// Winograd's F(4x4, 3x3) for points 0, 1, -1, 2, -2, infinity: y = A'[ sum over i of (G g[o][i] G') (B' d[i] B) ]A. A
// tile of 4 x 4 outputs needs 6 x 6 inputs and costs 36 products per pair of channels instead of 144. This file has the
// one-dimensional transforms on vectors of channels, the tiles of a batch, and the transform of a tile. The gradient of
// the weights is F(3x3, 4x4) over the same points: dw[o][i] = G'[ sum over tiles of (B' d[i] B) . (A dy[o] A') ]G.
//   B' = 4  0 -5  0 1 0     G =  1/4    0    0     A' = 1 1  1 1  1 0
//        0 -4 -4  1 1 0         -1/6 -1/6 -1/6          0 1 -1 2 -2 0
//        0  4 -4 -1 1 0         -1/6  1/6 -1/6          0 1  1 4  4 0
//        0 -2 -1  2 1 0         1/24 1/12  1/6          0 1 -1 8 -8 1
//        0  2 -1 -2 1 0         1/24 -1/12 1/6
//        0  4  0 -5 0 1            0    0    1
// Source: Lavin, Gray, "Fast Algorithms for Convolutional Neural Networks", 2015.
#pragma once

#include <strata/cpu/nhwc/prologue.hpp>

#include <limits>

namespace strata::cpu::nhwc {

inline constexpr int tile_side = 4;     ///< of a tile of outputs
inline constexpr int tile_reach = 6;    ///< of the inputs that the tile needs
inline constexpr int tile_points = 36;  ///< points of a transformed tile

/// Whether the window has 3 x 3 taps and stride 1.
constexpr bool suits_winograd(const core::Window& w) {
  const auto suits = [](const core::Axis& a) { return a.kernel == 3 && a.stride == 1; };
  return suits(w.rows) && suits(w.columns);
}

#if STRATA_HAS_BODIES

/// B' d, with as many additions as multiply-adds, because some CPUs have separate units for them.
[[gnu::always_inline]] inline void transform_inputs(const Vector (&d)[6], Vector (&t)[6]) {
  const Vector four(4.f), minus_four(-4.f), two(2.f), minus_two(-2.f);
  const Vector even = core::simd::fma(minus_four, d[2], d[4]), odd = core::simd::fma(minus_four, d[1], d[3]);
  const Vector near = d[4] - d[2], far = d[3] - d[1];
  t[0] = core::simd::fma(four, d[0] - d[2], near);
  t[1] = even + odd, t[2] = even - odd;
  t[3] = core::simd::fma(two, far, near), t[4] = core::simd::fma(minus_two, far, near);
  t[5] = core::simd::fma(minus_four, far, d[5] - d[3]);
}

/// A' m
[[gnu::always_inline]] inline void gather_outputs(const Vector (&m)[6], Vector (&y)[4]) {
  const Vector sum = m[1] + m[2], difference = m[1] - m[2], sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  y[0] = m[0] + sum + sum2;
  y[1] = core::simd::fma(Vector(2.f), difference2, difference);
  y[2] = core::simd::fma(Vector(4.f), sum2, sum);
  y[3] = core::simd::fma(Vector(8.f), difference2, difference) + m[5];
}

/// G g, of vectors or of floats
template <class T>
[[gnu::always_inline]] inline void transform_weights(T a, T b, T c, T (&t)[6]) {
  const T sixth(-1.f / 6), outer = (a + c) * sixth, inner = b * sixth;
  const T half = b * T(1.f / 12), ends = core::simd::fma(a, T(1.f / 24), c * T(1.f / 6));
  t[0] = a * T(0.25f);
  t[1] = outer + inner, t[2] = outer - inner;
  t[3] = ends + half, t[4] = ends - half;
  t[5] = c;
}

/// A y, for gradients of outputs
[[gnu::always_inline]] inline void transform_gradients(const Vector (&y)[4], Vector (&t)[6]) {
  const Vector four(4.f), two(2.f), minus_two(-2.f);
  const Vector even = y[0] + y[2], odd = y[1] + y[3], even2 = core::simd::fma(four, y[2], y[0]),
               odd2 = core::simd::fma(four, y[3], y[1]);
  t[0] = y[0];
  t[1] = even + odd, t[2] = even - odd;
  t[3] = core::simd::fma(two, odd2, even2), t[4] = core::simd::fma(minus_two, odd2, even2);
  t[5] = y[3];
}

/// G' m
[[gnu::always_inline]] inline void gather_weights(const Vector (&m)[6], Vector (&w)[3]) {
  const Vector sixth(1.f / 6), minus_sixth(-1.f / 6);
  const Vector sum = m[1] + m[2], difference = m[1] - m[2], sum2 = m[3] + m[4], difference2 = m[3] - m[4];
  w[0] = core::simd::fma(Vector(1.f / 24), sum2, core::simd::fma(minus_sixth, sum, Vector(0.25f) * m[0]));
  w[1] = core::simd::fma(Vector(1.f / 12), difference2, minus_sixth * difference);
  w[2] = core::simd::fma(sixth, sum2, core::simd::fma(minus_sixth, sum, m[5]));
}

#endif  // STRATA_HAS_BODIES

/// The tiles of a batch, counted image by image. A dilation of D makes D x D interleaved sub-images of each image, each
/// with its own tiles.
struct TileMap {
  Shape source{}, out{};
  core::Window window{};  ///< 3 x 3, stride 1

  struct Tile {
    int image, row, column;  ///< of its first output
  };

  /// Tiles of a sub-image, from top to bottom and from left to right.
  constexpr int high() const { return tiles(window.rows, out.height); }
  constexpr int wide() const { return tiles(window.columns, out.width); }
  constexpr int tiles_per_image() const { return high() * wide() * window.rows.dilation * window.columns.dilation; }
  constexpr Tile at(int tile) const {
    const int columns = wide(), rows = high(), down = window.rows.dilation, right = window.columns.dilation;
    const int column = tile % columns, row = tile / columns % rows, part = tile / (columns * rows);
    return {part / (right * down), row * tile_side * down + part / right % down,
            column * tile_side * right + part % right};
  }
  /// The number of the tile's rows and columns that lie on the map; may be 0.
  constexpr int rows(Tile t) const { return on_map(window.rows, out.height - t.row); }
  constexpr int columns(Tile t) const { return on_map(window.columns, out.width - t.column); }

  /// The pixels that the tile reads, and those of the outputs that it computes; `zeros`, a pixel of zeros, replaces
  /// those beyond the border.
  void inputs(Tile t, const float* image, const float* zeros, const float* (&pixels)[tile_reach * tile_reach]) const {
    find<tile_reach>(source, window.rows.source(t.row), window.columns.source(t.column), image, zeros, pixels);
  }
  void outputs(Tile t, const float* image, const float* zeros, const float* (&pixels)[tile_side * tile_side]) const {
    find<tile_side>(out, t.row, t.column, image, zeros, pixels);
  }

 private:
  static constexpr int tiles(const core::Axis& axis, int outputs) {
    return core::ceil_divide(outputs, tile_side * axis.dilation);
  }
  static constexpr int on_map(const core::Axis& axis, int left) {
    return std::clamp(core::ceil_divide(left, axis.dilation), 0, tile_side);
  }
  template <int Side>
  void find(Shape map, int top, int left, const float* image, const float* zeros,
            const float* (&pixels)[std::size_t(Side * Side)]) const {
    for (int r = 0, i = 0; r < Side; r++) {
      const int y = top + r * window.rows.dilation;
      const float* row = image + long(y) * map.width * map.channels;
      for (int c = 0; c < Side; c++, i++) {
        const int x = left + c * window.columns.dilation;
        pixels[i] = y >= 0 && y < map.height && x >= 0 && x < map.width ? row + long(x) * map.channels : zeros;
      }
    }
  }
};

#if STRATA_HAS_BODIES

/// Reads one vector of channels of a pixel.
struct PlainPixels {
  [[gnu::always_inline]] Vector load(const float* pixel, long channel) const {
    return core::simd::loadu(pixel + channel);
  }
};
/// The same through a prologue. Border: some pixels are `zeros` and stay zero.
template <bool Border>
struct NormalizedPixels {
  Vector a, b, least;
  const float* zeros;
  [[gnu::always_inline]] Vector load(const float* pixel, long channel) const {
    const Vector value = maximum(core::simd::fma(a, core::simd::loadu(pixel + channel), b), least);
    if constexpr (Border) return pixel == zeros ? Vector(0.f) : value;
    return value;
  }
};

/// T d T' for one vector of channels, written to to[point * point_step]. T = Transform: transform_inputs of 6 x 6
/// pixels or transform_gradients of 4 x 4.
template <int Side, auto Transform, class Read>
[[gnu::always_inline]] inline void transform_tile(const float* const (&pixels)[std::size_t(Side * Side)], long channel,
                                                  const Read& read, float* to, long point_step) {
  Vector half[std::size_t(Side)][6];
  core::simd::unroll<Side>([&](auto r) STRATA_INLINE_LAMBDA {
    Vector d[std::size_t(Side)];
    core::simd::unroll<Side>([&](auto c) STRATA_INLINE_LAMBDA { d[c] = read.load(pixels[r * Side + c], channel); });
    Transform(d, half[r]);
  });
  core::simd::unroll<6>([&](auto c) STRATA_INLINE_LAMBDA {
    Vector d[std::size_t(Side)], t[6];
    core::simd::unroll<Side>([&](auto r) STRATA_INLINE_LAMBDA { d[r] = half[r][c]; });
    Transform(d, t);
    core::simd::unroll<6>([&](auto r) STRATA_INLINE_LAMBDA { core::simd::store(to + (r * 6 + c) * point_step, t[r]); });
  });
}

/// T d T' for all channels: those of vector k go to to[point * point_step + k * vector_step], padded with zeros past
/// the last channel. next: null, or the pixels of the next tile, of which the columns that this tile does not share are
/// prefetched. read_of(c): how to read the vector of channels that starts at c.
template <int Side, auto Transform, class ReadOf>
[[gnu::always_inline]] inline void transform_vectors(const float* const (&pixels)[std::size_t(Side * Side)],
                                                     const float* const* next, int channels, const float* zeros,
                                                     float* to, long point_step, long vector_step, ReadOf&& read_of) {
  constexpr int shared = Side - tile_side;
  int c = 0;
  for (; c + width <= channels; c += width, to += vector_step) {
    if (next)
      core::simd::unroll<Side>([&](auto r) STRATA_INLINE_LAMBDA {
        core::simd::unroll<tile_side>(
            [&](auto k) STRATA_INLINE_LAMBDA { __builtin_prefetch(next[r * Side + shared + k] + c); });
      });
    transform_tile<Side, Transform>(pixels, c, read_of(c), to, point_step);
  }
  if (width == 1 || c == channels) return;  // vectors of one float leave no rest
  alignas(64) float rest[std::size_t(Side * Side)][width] = {};
  const float* ends[std::size_t(Side * Side)];
  for (int i = 0; i < Side * Side; i++) {
    std::copy_n(pixels[i] + c, channels - c, rest[i]);
    ends[i] = pixels[i] == zeros ? zeros : rest[i];
  }
  transform_tile<Side, Transform>(ends, 0, read_of(c), to, point_step);
}

template <int Side, auto Transform>
[[gnu::noinline]] void transform_tile_channels(const float* const (&pixels)[std::size_t(Side * Side)],
                                               const float* const* next, int channels, float* to, long point_step,
                                               long vector_step) {
  transform_vectors<Side, Transform>(pixels, next, channels, nullptr, to, point_step, vector_step,
                                     [](long) { return PlainPixels{}; });
}

/// The same for inputs with a prologue.
template <bool Border>
[[gnu::noinline]] void transform_normalized_channels(const float* const (&pixels)[tile_points],
                                                     const float* const* next, const Reading& reading,
                                                     const float* zeros, int channels, float* to, long point_step,
                                                     long vector_step) {
  const Vector least(reading.kind == Prologue::affine_relu ? 0.f : -std::numeric_limits<float>::infinity());
  transform_vectors<tile_reach, transform_inputs>(
      pixels, next, channels, zeros, to, point_step, vector_step, [&](long c) {
        return NormalizedPixels<Border>{core::simd::load(reading.a + c), core::simd::load(reading.b + c), least, zeros};
      });
}

/// Transforms all channels of a tile of inputs, as the node reads them. zeros: the pixel that replaces those beyond the
/// border.
inline void transform_input_tile(const float* const (&pixels)[tile_points], const float* const* next,
                                 const Reading& reading, const float* zeros, int channels, float* to, long point_step,
                                 long vector_step) {
  if (reading.kind == Prologue::none)
    return transform_tile_channels<tile_reach, transform_inputs>(pixels, next, channels, to, point_step, vector_step);
  bool border = false;
  for (const float* pixel : pixels) border = border || pixel == zeros;
  const auto transform = border ? &transform_normalized_channels<true> : &transform_normalized_channels<false>;
  transform(pixels, next, reading, zeros, channels, to, point_step, vector_step);
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

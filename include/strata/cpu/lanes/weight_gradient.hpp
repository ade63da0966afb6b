// SPDX-License-Identifier: MIT
// Gradients of weights, summed over the images of a group into the chunk's partial sum, in PyTorch's layout:
//   convolution: dw[o][i][tap] += sum over p of dy[o][p] x[i][p * stride + tap]     db[o] += sum over p of dy[o][p]
//   dense:       dw[o][i] += dy[o] x[i]                                             db[o] += dy[o]
// dy is zero in padding lanes, so no mask is needed.
#pragma once

#include <strata/cpu/lanes/convolution.hpp>

namespace strata::cpu::lanes {

STRATA_ONCE void convolution_weight_gradient(const Call& call);
STRATA_ONCE void dense_weight_gradient(const Call& call);

#if STRATA_HAS_BODIES

/// db[o] += sum over plane o of dy
inline void bias_gradient(const float* dy, int channels, int pixels, float* db) {
  for (int o = 0; o < channels; o++) {
    Vector a(0.f), b(0.f);
    int p = 0;
    for (; p + 2 <= pixels; p += 2, dy += 2 * width) a = a + core::simd::load(dy), b = b + core::simd::load(dy + width);
    if (p < pixels) a = a + core::simd::load(dy), dy += width;
    db[o] += core::simd::sum(a + b);
  }
}

#endif  // STRATA_HAS_BODIES

/// The gradient of a convolution's weights as the kernel sees it. All taps run over one strip of pixels before the next
/// strip, so that a tile's planes of dy stay in L1; sums wait in memory in between.
struct WeightGradient {
  Border border{};
  int taps = 0, pixels = 0, strips = 1;

  constexpr int tiles() const { return core::ceil_divide(taps, tile_pixels); }
  constexpr int strip() const { return core::ceil_divide(pixels, strips); }

  // The workspace: offsets of taps, offsets of pixels, sums of a tile's channels, padded input.
  constexpr long offset_floats() const { return whole_lines(tiles() * tile_pixels); }
  constexpr long place_floats() const { return whole_lines(pixels); }
  constexpr long sum_floats() const { return strips > 1 ? long(tiles()) * tile_pixels * tile_out * width : 0; }
  constexpr long workspace() const { return offset_floats() + place_floats() + sum_floats() + border.floats(); }
};

constexpr WeightGradient weight_gradient_of(const Node& node) {
  constexpr int fitting = 28 * 1024 / (tile_out * width * int(sizeof(float)));  // pixels, in 7/8 of a 32 KiB L1
  const int pixels = node.out.pixels();
  return {forward_border(node.in, node.window), node.in.channels * node.window.taps(), pixels,
          core::ceil_divide(pixels, fitting)};
}

#if STRATA_HAS_BODIES

/// A strip of pixels, and whether it is the first or the last.
struct PixelStrip {
  int first, pixels;
  bool begins, ends;
};

/// Channels o, ..., o + Out - 1 of dy and taps k, ..., k + tile_pixels - 1.
template <int Out>
[[gnu::always_inline]] inline void weight_gradient_tile(const Call& call, const WeightGradient& g,
                                                        const PixelStrip& strip, int o, int k, const int* offset,
                                                        const int* place, const float* bordered, float* sums) {
  const float* x[tile_pixels];
  core::simd::unroll<tile_pixels>([&](auto t) STRATA_INLINE_LAMBDA { x[t] = bordered + offset[k + t]; });
  float* const waiting = sums + long(k) * tile_out * width;
  Vector sum[std::size_t(Out)][tile_pixels];
  const auto each = [&](auto&& body) STRATA_INLINE_LAMBDA {
    core::simd::unroll<Out>([&](auto j) STRATA_INLINE_LAMBDA {
      core::simd::unroll<tile_pixels>(
          [&](auto t) STRATA_INLINE_LAMBDA { body(j, t, sum[j][t], waiting + (j * tile_pixels + t) * width); });
    });
  };
  if (strip.begins) each([](auto, auto, Vector& s, float*) STRATA_INLINE_LAMBDA { s = Vector(0.f); });
  else each([](auto, auto, Vector& s, float* at) STRATA_INLINE_LAMBDA { s = core::simd::load(at); });
  const long plane = long(g.pixels) * width;
  correlate<Out, tile_pixels>(call.inputs[Input::dy] + o * plane + long(strip.first) * width, plane, x,
                              place + strip.first, strip.pixels, sum);
  if (!strip.ends) {
    each([](auto, auto, Vector& s, float* at) STRATA_INLINE_LAMBDA { core::simd::store(at, s); });
    return;
  }
  const int count = std::min(tile_pixels, g.taps - k);
  each([&](auto j, auto t, Vector& s, float*) STRATA_INLINE_LAMBDA {
    if (t < count) call.partial[long(o + j) * g.taps + k + t] += core::simd::sum(s);
  });
}

/// partial: [weights][bias, if any]
STRATA_ONCE void convolution_weight_gradient(const Call& call) {
  const Node& node = *call.node;
  const core::Window& w = node.window;
  const WeightGradient g = weight_gradient_of(node);
  const int channels = node.out.channels;
  int* const offset = reinterpret_cast<int*>(call.workspace);
  int* const place = reinterpret_cast<int*>(call.workspace + g.offset_floats());
  float* const sums = call.workspace + g.offset_floats() + g.place_floats();
  float* const bordered = sums + g.sum_floats();
  tap_offsets(g.border, w, offset);
  for (int k = g.taps; k % tile_pixels != 0; k++) offset[k] = offset[g.taps - 1];
  for (int r = 0, p = 0; r < node.out.height; r++)
    for (int i = 0; i < node.out.width; i++, p++)
      place[p] = int(r * w.rows.stride * g.border.row()) + i * w.columns.stride * width;
  copy_with_border(call.inputs[Input::x], g.border, bordered);

  const auto channels_from = [&]<int Out>(std::integral_constant<int, Out>, int o) STRATA_INLINE_LAMBDA {
    for (int first = 0; first < g.pixels; first += g.strip()) {
      const int pixels = std::min(g.strip(), g.pixels - first);
      const PixelStrip strip{first, pixels, first == 0, first + pixels == g.pixels};
      for (int k = 0; k < g.taps; k += tile_pixels)
        weight_gradient_tile<Out>(call, g, strip, o, k, offset, place, bordered, sums);
    }
  };
  int o = 0;
  for (; o + tile_out <= channels; o += tile_out) channels_from(std::integral_constant<int, tile_out>{}, o);
  for (; o < channels; o++) channels_from(std::integral_constant<int, 1>{}, o);
  if (node.bias >= 0) bias_gradient(call.inputs[Input::dy], channels, g.pixels, call.partial + long(g.taps) * channels);
}

/// partial: [weights][bias, if any]. Blocks of `lanes` inputs are transposed, so that images become the terms of a
/// product.
STRATA_ONCE void dense_weight_gradient(const Call& call) {
  const Node& node = *call.node;
  const long inputs = node.in.size();
  const int outputs = int(node.out.size());
  const float *const x = call.inputs[Input::x], *const dy = call.inputs[Input::dy];
  long i = 0;
  for (; i + width <= inputs; i += width) {
    Vector image[width];
    for (int l = 0; l < width; l++) image[l] = core::simd::load(x + (i + l) * width);
    core::simd::transpose(image);
    for (int o = 0; o < outputs; o++) {
      float* const to = call.partial + o * inputs + i;
      Vector even = core::simd::loadu(to), odd(0.f);
      core::simd::unroll<width>([&](auto l) STRATA_INLINE_LAMBDA {
        Vector& sum = l % 2 ? odd : even;
        sum = core::simd::fma(Vector(dy[o * width + l]), image[l], sum);
      });
      core::simd::storeu(to, even + odd);
    }
  }
  for (; i < inputs; i++)
    for (int o = 0; o < outputs; o++)
      call.partial[o * inputs + i] +=
          core::simd::sum(core::simd::load(dy + o * width) * core::simd::load(x + i * width));
  if (node.bias >= 0)
    for (int o = 0; o < outputs; o++)
      call.partial[inputs * outputs + o] += core::simd::sum(core::simd::load(dy + o * width));
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

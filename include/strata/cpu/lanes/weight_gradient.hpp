// SPDX-License-Identifier: MIT
// Gradients of weights, summed over the images of a group into the chunk's partial sum, PyTorch's order:
//   convolution: dw[o][i][tap] += sum over p of dy[o][p] x[i][p * stride + tap]     db[o] += sum over p of dy[o][p]
//   dense:       dw[o][i] += dy[o] x[i]                                             db[o] += dy[o]
// dy is zero in padded lanes, so they need no mask.
#pragma once

#include <strata/cpu/lanes/convolution.hpp>

namespace strata::cpu::lanes {

/// to[j] += sum of the lanes of v[j], j < count.
template <int Count>
[[gnu::always_inline]] inline void add_lane_sums(const Vector (&v)[Count], int count, float* to) {
  for (int j = 0; j < count; j++) to[j] += simd::sum(v[j]);
}

/// db[o] += sum of plane o of dy.
inline void bias_gradient(const float* dy, int channels, int pixels, float* db) {
  for (int o = 0; o < channels; o++) {
    Vector a(0.f), b(0.f);
    int p = 0;
    for (; p + 2 <= pixels; p += 2, dy += 2 * width) a = a + simd::load(dy), b = b + simd::load(dy + width);
    if (p < pixels) a = a + simd::load(dy), dy += width;
    db[o] += simd::sum(a + b);
  }
}

constexpr long weight_gradient_workspace(const Node& node) {
  const Border b = forward_border(node.in, node.window);
  return (node.in.channels * node.window.taps() + tile_pixels + 15) / 16 * 16 + b.floats();
}

/// partial: [weights][bias, where there is one]
inline void convolution_weight_gradient(const Call& call) {
  const Node& node = *call.node;
  const Window& w = node.window;
  const Border border = forward_border(node.in, w);
  const int taps = node.in.channels * w.taps(), channels = node.out.channels;
  int* const offset = reinterpret_cast<int*>(call.workspace);
  float* const bordered = call.workspace + weight_gradient_workspace(node) - border.floats();
  tap_offsets(border, w, offset);
  for (int k = taps; k % tile_pixels != 0; k++) offset[k] = offset[taps - 1];
  copy_with_border(call.x[0], border, bordered);

  const float* const dy = call.x[1];
  const long plane = long(node.out.pixels()) * width, row = long(node.out.width) * width;
  const Sweep sweep{node.out.height, node.out.width, plane, row, w.stride_height * border.row(), long(w.stride_width) * width};
  auto tile = [&]<int Out>(std::integral_constant<int, Out>, int o, int k) STRATA_INLINE_LAMBDA {
    const float* x[tile_pixels];
    simd::unroll<tile_pixels>([&](auto t) STRATA_INLINE_LAMBDA { x[t] = bordered + offset[k + t]; });
    Vector sum[Out][tile_pixels];
    simd::unroll<Out>([&](auto j) STRATA_INLINE_LAMBDA {
      simd::unroll<tile_pixels>([&](auto t) STRATA_INLINE_LAMBDA { sum[j][t] = Vector(0.f); });
    });
    correlate<Out, tile_pixels>(dy + o * plane, x, sweep, sum);
    const int count = std::min(tile_pixels, taps - k);
    simd::unroll<Out>([&](auto j) STRATA_INLINE_LAMBDA {
      simd::unroll<tile_pixels>([&](auto t) STRATA_INLINE_LAMBDA {
        if (t < count) call.partial[long(o + j) * taps + k + t] += simd::sum(sum[j][t]);
      });
    });
  };
  int o = 0;
  for (; o + tile_out <= channels; o += tile_out)
    for (int k = 0; k < taps; k += tile_pixels) tile(std::integral_constant<int, tile_out>{}, o, k);
  for (; o < channels; o++)
    for (int k = 0; k < taps; k += tile_pixels) tile(std::integral_constant<int, 1>{}, o, k);
  if (node.bias >= 0) bias_gradient(dy, channels, node.out.pixels(), call.partial + long(taps) * channels);
}

/// partial: [weights][bias]. A block of `lanes` inputs is transposed, so that images become terms of a product.
inline void dense_weight_gradient(const Call& call) {
  const Node& node = *call.node;
  const long inputs = node.in.size();
  const int outputs = int(node.out.size());
  const float *const x = call.x[0], *const dy = call.x[1];
  long i = 0;
  for (; i + width <= inputs; i += width) {
    Vector image[width];
    for (int l = 0; l < width; l++) image[l] = simd::load(x + (i + l) * width);
    simd::transpose(image);
    for (int o = 0; o < outputs; o++) {
      float* const to = call.partial + o * inputs + i;
      Vector even = simd::loadu(to), odd(0.f);
      simd::unroll<width>([&](auto l) STRATA_INLINE_LAMBDA {
        Vector& sum = l % 2 ? odd : even;
        sum = simd::fma(Vector(dy[o * width + l]), image[l], sum);
      });
      simd::storeu(to, even + odd);
    }
  }
  for (; i < inputs; i++)
    for (int o = 0; o < outputs; o++)
      call.partial[o * inputs + i] += simd::sum(simd::load(dy + o * width) * simd::load(x + i * width));
  if (node.bias >= 0)
    for (int o = 0; o < outputs; o++) call.partial[inputs * outputs + o] += simd::sum(simd::load(dy + o * width));
}

}  // namespace strata::cpu::lanes

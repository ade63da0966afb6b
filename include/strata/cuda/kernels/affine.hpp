// SPDX-License-Identifier: MIT
// y = f(slope (x + bias - mean) + shift + residual) per channel: what batch norm, folded or not, a bias, the input and
// the epilogues of products have in common. A thread keeps one pack of channels and walks over several pixels, so it
// reads its coefficients once; in every step, neighboring threads access neighboring memory.
#pragma once

#include <strata/core/divide.hpp>
#include <strata/core/formulas/functions.hpp>
#include <strata/cuda/kernels/channel_numbers.hpp>
#include <strata/cuda/kernels/grid.hpp>

#include <cmath>

namespace strata::cuda::kernels {

using namespace functions;

/// The coefficients of the N channels from c on: y = slope (x - origin) + shift.
template <int N>
struct ChannelMap {
  float slope[std::size_t(N)], origin[std::size_t(N)], shift[std::size_t(N)];

  STRATA_DEVICE ChannelMap(const ChannelNumbers& k, int c) {
    for (int e = 0; e < N; e++) {
      slope[e] = k.scale ? k.scale[c + e] : 1.f;
      if (k.inverse_deviation) slope[e] *= k.inverse_deviation[c + e];
      if (k.variance) slope[e] /= square_root(k.variance[c + e] + k.epsilon);
      origin[e] = (k.mean ? k.mean[c + e] : 0.f) - (k.bias ? k.bias[c + e] : 0.f);
      shift[e] = k.shift ? k.shift[c + e] : 0.f;
    }
  }
  STRATA_DEVICE float operator()(int e, float x) const { return slope[e] * (x - origin[e]) + shift[e]; }
};

/// Pixels per thread: up to 8 if there is enough work, which amortizes reading the coefficients.
constexpr long strip_of(long items) { return items >> 17 < 1 ? 1 : items >> 17 > 8 ? 8 : items >> 17; }

template <class T, int N>
struct Affine {
  ChannelNumbers numbers;
  const T *x, *residual;  ///< residual: may be null
  T* y;
  int channels;
  long pixels, strips;  ///< a thread processes every `strips`-th pixel
  bool relu;

  STRATA_DEVICE void operator()(long i) const {
    const int packs = channels / N;
    const long first = divide(i, packs);
    const int c = int(i - first * packs) * N;
    const ChannelMap<N> map(numbers, c);
    for (long p = first; p < pixels; p += strips) {
      const long at = p * channels + c;
      float value[std::size_t(N)];
      load<N>(x + at, value);
      for (int e = 0; e < N; e++) value[e] = map(e, value[e]);
      if (residual) {
        float more[std::size_t(N)];
        load<N>(residual + at, more);
        for (int e = 0; e < N; e++) value[e] += more[e];
      }
      if (relu)
        for (int e = 0; e < N; e++) value[e] = maximum(value[e], 0.f);
      store<N>(y + at, value);
    }
  }
};

/// Over all pixels of a batch of maps; y may be x or residual.
inline void affine(const Call& call, const char* name, const ChannelNumbers& numbers, Shape shape, const void* x,
                   const void* residual, bool relu, void* y) {
  with_pack(call.element, shape.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const long pixels = long(call.batch) * shape.pixels(), packs = shape.channels / n, strip = strip_of(pixels * packs);
    const long strips = core::ceil_divide(pixels, strip);
    for_each(call.stream, name, strips * packs,
             Affine<T, n>{numbers, static_cast<const T*>(x), static_cast<const T*>(residual), static_cast<T*>(y),
                          shape.channels, pixels, strips, relu});
  });
}

/// y = scale[c] raw + shift[c]
template <class Raw, class T>
struct ReadRaw {
  const float *scale, *shift;
  const Raw* raw;
  T* y;
  int channels;

  STRATA_DEVICE void operator()(long i) const {
    const int c = int(i - divide(i, channels) * channels);
    assign(y[i], scale[c] * float(raw[i]) + shift[c]);
  }
};

inline void input(const Call& call) {
  const Node& node = *call.node;
  const int channels = node.out.channels;
  const float *scale = call.buffers + node.buffers, *shift = scale + channels;
  const long count = call.batch * node.out.size();
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    T* const y = static_cast<T*>(call.output);
    if (call.images_are_bytes)
      for_each(call.stream, "input", count,
               ReadRaw<std::uint8_t, T>{scale, shift, static_cast<const std::uint8_t*>(call.images), y, channels});
    else
      for_each(call.stream, "input", count,
               ReadRaw<float, T>{scale, shift, static_cast<const float*>(call.images), y, channels});
  });
}

}  // namespace strata::cuda::kernels

// SPDX-License-Identifier: MIT
// Sums over the pixels of each image: global average pool, and the gradients of broadcast and scale. A part of an image
// sums every parts-th pixel, so that neighboring threads read neighboring memory; a second launch adds the parts in
// order.
#pragma once

#include <strata/cuda/kernels/affine.hpp>
#include <strata/cuda/kernels/workspace.hpp>

namespace strata::cuda::kernels {

constexpr int image_parts(Shape s) { return s.pixels() < 64 ? 1 : s.pixels() / 32 > 64 ? 64 : s.pixels() / 32; }

/// Partial sums [image][part][channel].
inline float* take_image_sums(WorkspaceAllocator& allocator, const Node& node, int batch) {
  return allocator.take<float>(long(batch) * image_parts(node.in) * node.in.channels);
}

/// Sums of x, or of x factor.
template <class T, int N>
struct AddPixels {
  int parts, pixels, channels;
  const T *x, *factor;  ///< factor: may be null
  float* sums;

  STRATA_DEVICE void operator()(long i) const {
    const long row = divide(i, channels / N), image = divide(row, parts);
    const int c = int(i - row * (channels / N)) * N, part = int(row - image * parts);
    float sum[std::size_t(N)] = {};
    for (int p = part; p < pixels; p += parts) {
      const long at = (image * pixels + p) * channels + c;
      float value[std::size_t(N)], more[std::size_t(N)];
      load<N>(x + at, value);
      if (factor) {
        load<N>(factor + at, more);
        for (int e = 0; e < N; e++) value[e] *= more[e];
      }
      for (int e = 0; e < N; e++) sum[e] += value[e];
    }
    store<N>(sums + row * channels + c, sum);
  }
};

/// y = the sum of the parts divided by `divisor`.
template <class T>
struct AddImageParts {
  int parts, channels;
  const float* sums;
  float divisor;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const long image = divide(i, channels);
    const float* part = sums + image * parts * channels + (i - image * channels);
    float sum = 0;
    for (int p = 0; p < parts; p++) sum += part[long(p) * channels];
    assign(y[i], sum / divisor);
  }
};

/// factor: null, or a map by which the pixels are multiplied.
inline void sum_images(const Call& call, float divisor, const void* factor = nullptr) {
  const Shape in = call.node->in;
  WorkspaceAllocator allocator(call.workspace);
  float* const sums = take_image_sums(allocator, *call.node, call.batch);
  const int parts = image_parts(in);
  with_pack(call.element, in.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    for_each(call.stream, "add_pixels", long(call.batch) * parts * (in.channels / n),
             AddPixels<T, n>{parts, in.pixels(), in.channels, static_cast<const T*>(call.inputs.first()),
                             static_cast<const T*>(factor), sums});
    for_each(call.stream, "add_image_parts", long(call.batch) * in.channels,
             AddImageParts<T>{parts, in.channels, sums, divisor, static_cast<T*>(call.output)});
  });
}

}  // namespace strata::cuda::kernels

// SPDX-License-Identifier: MIT
// The product of two maps, or of a map and one number per channel, and the gradient of such numbers.
#pragma once

#include <strata/cuda/kernels/image_sums.hpp>

namespace strata::cuda::kernels {

/// y = x factor. y may be x, or a factor of its shape.
template <class T, int N>
struct Scale {
  Grid<N> grid;
  const T *x, *factor;
  T* y;
  bool per_channel;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = grid(i);
    float value[std::size_t(N)], by[std::size_t(N)];
    load<N>(x + i * N, value);
    load<N>(factor + (per_channel ? p.image * grid.channels + p.channel : i * N), by);
    for (int e = 0; e < N; e++) value[e] *= by[e];
    store<N>(y + i * N, value);
  }
};

inline void scale(const Call& call) {
  const Shape shape = call.node->out;
  with_pack(call.element, shape.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> grid(shape);
    for_each(call.stream, "scale", grid.count(call.batch),
             Scale<T, n>{grid, static_cast<const T*>(call.inputs[Input::x]),
                         static_cast<const T*>(call.inputs[Input::factor]), static_cast<T*>(call.output),
                         call.shapes[call.node->inputs.index(Input::factor)] != shape});
  });
}

/// The gradient of a factor with one number per channel: dy x, summed over the pixels.
inline void scale_gradient(const Call& call) { sum_images(call, 1, call.inputs[Input::x]); }

}  // namespace strata::cuda::kernels

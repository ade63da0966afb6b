// SPDX-License-Identifier: MIT
// Kernels that only move elements: concat, crop, broadcast, flatten, and the gradients of concat, crop and flatten.
#pragma once

#include <strata/cuda/kernels/grid.hpp>
#include <strata/cuda/runtime/call.hpp>

namespace strata::cuda::kernels {

/// y = the inputs side by side along channels.
template <class T, int N>
struct Concat {
  Grid<N> out;
  const T* x[graph::max_inputs];
  int first[graph::max_inputs + 1];  ///< channel of y at which input k starts; after the last: the total
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const long pixel = divide(i, out.channels / N);
    const int channel = int(i - pixel * (out.channels / N)) * N;
    for (int k = 0; k < graph::max_inputs; k++)  // a constant bound: the pointers stay in parameter memory
      if (channel >= first[k] && channel < first[k + 1])
        copy_pack<N>(x[k] + pixel * (first[k + 1] - first[k]) + (channel - first[k]), y + i * N);
  }
};

inline void concat(const Call& call) {
  const Node& node = *call.node;
  long divisor = 16;  // becomes the largest power of two, up to 16, that divides all inputs' channel counts
  for (int k = 0; k < node.inputs.count; k++)
    while (call.shapes[k].channels % divisor != 0) divisor /= 2;
  with_pack(call.element, divisor, [&](auto zero, auto n) {
    using T = decltype(zero);
    Concat<T, n> kernel{Grid<n>(node.out), {}, {}, static_cast<T*>(call.output)};
    for (int k = 0; k < node.inputs.count; k++) {
      kernel.x[k] = static_cast<const T*>(call.inputs[k]);
      kernel.first[k + 1] = kernel.first[k] + call.shapes[k].channels;
    }
    for_each(call.stream, "concat", kernel.out.count(call.batch), kernel);
  });
}

/// y = the window of x that starts at (row, column, channel): crop, and the gradient of concat.
template <class T, int N>
struct TakeWindow {
  Grid<N> in, out;
  const T* x;
  T* y;
  int row, column, channel;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    copy_pack<N>(x + in.at(p.image, p.row + row, p.column + column, p.channel + channel), y + i * N);
  }
};

inline void take_window(const Call& call, const char* name, int row, int column, int channel) {
  const Node& node = *call.node;
  const long channels = node.in.channels | node.out.channels | channel;  // has the trailing zero bits common to all
  with_pack(call.element, channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> out(node.out);
    for_each(call.stream, name, out.count(call.batch),
             TakeWindow<T, n>{Grid<n>(node.in), out, static_cast<const T*>(call.inputs.first()),
                              static_cast<T*>(call.output), row, column, channel});
  });
}
inline void crop(const Call& call) { take_window(call, "crop", call.node->offset_y, call.node->offset_x, 0); }
inline void concat_gradient(const Call& call) { take_window(call, "concat_gradient", 0, 0, call.node->offset_channel); }

/// dx = dy inside the window, zero around it.
template <class T, int N>
struct CropGradient {
  Grid<N> in, out;  ///< of dy, of dx
  const T* dy;
  T* dx;
  int top, left;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    const int row = p.row - top, column = p.column - left;
    if (row >= 0 && row < in.height && column >= 0 && column < in.width) {
      copy_pack<N>(dy + in.at(p.image, row, column, p.channel), dx + i * N);
    } else {
      const float zeros[std::size_t(N)] = {};
      store<N>(dx + i * N, zeros);
    }
  }
};

inline void crop_gradient(const Call& call) {
  const Node& node = *call.node;
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> out(node.out);
    for_each(call.stream, "crop_gradient", out.count(call.batch),
             CropGradient<T, n>{Grid<n>(node.in), out, static_cast<const T*>(call.inputs[Input::dy]),
                                static_cast<T*>(call.output), node.offset_y, node.offset_x});
  });
}

/// y = factor x at every pixel: broadcast, and the gradient of a mean over pixels.
template <class T, int N>
struct Broadcast {
  Grid<N> out;
  const T* x;
  T* y;
  float factor;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    float value[std::size_t(N)];
    load<N>(x + p.image * out.channels + p.channel, value);
    for (int e = 0; e < N; e++) value[e] *= factor;
    store<N>(y + i * N, value);
  }
};

inline void broadcast(const Call& call, float factor) {
  with_pack(call.element, call.node->out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> out(call.node->out);
    for_each(call.stream, "broadcast", out.count(call.batch),
             Broadcast<T, n>{out, static_cast<const T*>(call.inputs.first()), static_cast<T*>(call.output), factor});
  });
}

/// (H, W, C) -> (C, H, W), or back. Neighboring threads write neighboring elements.
template <class T, bool Back>
struct Flatten {
  int pixels, channels;
  const T* x;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const int inner = Back ? channels : pixels, outer = Back ? pixels : channels;
    const long row = divide(i, inner), image = divide(row, outer);
    y[i] = x[(image * inner + (i - row * inner)) * outer + (row - image * outer)];
  }
};

template <bool Back>
void flatten(const Call& call) {
  const Shape map = Back ? call.node->out : call.node->in;
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, Back ? "flatten_gradient" : "flatten", call.batch * map.size(),
             Flatten<T, Back>{map.pixels(), map.channels, static_cast<const T*>(call.inputs.first()),
                              static_cast<T*>(call.output)});
  });
}

}  // namespace strata::cuda::kernels

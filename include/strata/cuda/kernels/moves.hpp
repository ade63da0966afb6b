// SPDX-License-Identifier: MIT
// Kernels that only move elements: concat, slice, crop, pad, broadcast, flatten and back, shuffles, and pad's gradient,
// which adds copies.
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

/// y = the window of x that starts at (row, column, channel): crop and slice.
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
inline void slice(const Call& call) { take_window(call, "slice", 0, 0, call.node->offset_channel); }

/// y = x at the offsets, around it what the padding says.
template <class T, int N>
struct Pad {
  Grid<N> in, out;
  const T* x;
  T* y;
  int top, left, channel;
  core::Padding padding;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    const int row = core::padded_source(padding, p.row - top, in.height),
              column = core::padded_source(padding, p.column - left, in.width), from = p.channel - channel;
    if (row >= 0 && column >= 0 && from >= 0 && from < in.channels) {
      copy_pack<N>(x + in.at(p.image, row, column, from), y + i * N);
    } else {
      const float zeros[std::size_t(N)] = {};
      store<N>(y + i * N, zeros);
    }
  }
};

inline void pad(const Call& call) {
  const Node& node = *call.node;
  const long channels = node.in.channels | node.out.channels | node.offset_channel;
  with_pack(call.element, channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> out(node.out);
    for_each(call.stream, "pad", out.count(call.batch),
             Pad<T, n>{Grid<n>(node.in), out, static_cast<const T*>(call.inputs.first()), static_cast<T*>(call.output),
                       node.offset_y, node.offset_x, node.offset_channel, node.padding});
  });
}

/// dx = dy summed over the places that show a pixel.
template <class T, int N>
struct PadGradient {
  Grid<N> in, out;  ///< of dx, of dy
  const T* dy;
  T* dx;
  int top, left;
  core::Padding padding;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = in(i);
    float sum[std::size_t(N)] = {}, value[std::size_t(N)];
    core::for_each_copy(padding, p.row, in.height, top, out.height, [&](int row) {
      core::for_each_copy(padding, p.column, in.width, left, out.width, [&](int column) {
        load<N>(dy + out.at(p.image, row, column, p.channel), value);
        for (int e = 0; e < N; e++) sum[e] += value[e];
      });
    });
    store<N>(dx + i * N, sum);
  }
};

inline void pad_gradient(const Call& call) {
  const Node& node = *call.node;
  with_pack(call.element, node.out.channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const Grid<n> in(node.out);
    for_each(call.stream, "pad_gradient", in.count(call.batch),
             PadGradient<T, n>{in, Grid<n>(node.in), static_cast<const T*>(call.inputs[Input::dy]),
                               static_cast<T*>(call.output), node.offset_y, node.offset_x, node.padding});
  });
}

/// Channel j G + g of y is channel g n + j of x.
template <class T>
struct ChannelShuffle {
  int channels, groups;
  const T* x;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const long pixel = divide(i, channels);
    const int channel = int(i - pixel * channels);
    y[i] = x[pixel * channels + channel % groups * (channels / groups) + channel / groups];
  }
};

inline void channel_shuffle(const Call& call) {
  const Node& node = *call.node;
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, "channel_shuffle", call.batch * node.out.size(),
             ChannelShuffle<T>{node.out.channels, node.groups, static_cast<const T*>(call.inputs.first()),
                               static_cast<T*>(call.output)});
  });
}

/// Each pixel's blocks of factor^2 channels become blocks of pixels, or back.
template <class T, bool Back>
struct PixelShuffle {
  Grid<1> in, out;
  int factor;
  const T* x;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = out(i);
    if constexpr (Back) {
      const int channel = p.channel / (factor * factor), within = p.channel - channel * factor * factor;
      y[i] = x[in.at(p.image, p.row * factor + within / factor, p.column * factor + within % factor, channel)];
    } else {
      const int row = p.row / factor, column = p.column / factor;
      const int within = (p.row - row * factor) * factor + p.column - column * factor;
      y[i] = x[in.at(p.image, row, column, p.channel * factor * factor + within)];
    }
  }
};

template <bool Back>
void pixel_shuffle(const Call& call) {
  const Shape in = call.node->in, out = call.node->out;
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, Back ? "pixel_unshuffle" : "pixel_shuffle", call.batch * out.size(),
             PixelShuffle<T, Back>{Grid<1>(in), Grid<1>(out), Back ? in.height / out.height : out.height / in.height,
                                   static_cast<const T*>(call.inputs.first()), static_cast<T*>(call.output)});
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
    for_each(call.stream, Back ? "unflatten" : "flatten", call.batch * map.size(),
             Flatten<T, Back>{map.pixels(), map.channels, static_cast<const T*>(call.inputs.first()),
                              static_cast<T*>(call.output)});
  });
}

}  // namespace strata::cuda::kernels

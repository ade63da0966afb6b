// SPDX-License-Identifier: MIT
// Softmax over the channels of each pixel, and its gradient: one thread per pixel. The head of a network may enlarge
// and crop its scores on the way: crop(resize(x)) is computed score by score and never stored.
#pragma once

#include <strata/core/formulas/functions.hpp>
#include <strata/cuda/kernels/resize.hpp>

namespace strata::cuda::kernels {

using namespace functions;

/// The scores of one pixel of crop(resize(x)).
template <class T>
struct Scores {
  const T* corner[4];
  float weight[4];
  bool mixed;

  STRATA_DEVICE Scores(const Node& node, const T* x, long image, int row, int column) : mixed(node.factor > 1) {
    const Mix rows(row + node.offset_y, node.factor, node.in.height, node.mode);
    const Mix columns(column + node.offset_x, node.factor, node.in.width, node.mode);
    for (int k = 0; k < 4; k++) {
      corner[k] =
          x + ((image * node.in.height + rows.at[k / 2]) * node.in.width + columns.at[k % 2]) * node.in.channels;
      weight[k] = rows.weight[k / 2] * columns.weight[k % 2];
    }
  }
  STRATA_DEVICE float operator()(int c) const {
    if (!mixed) return to_float(corner[0][c]);
    float sum = 0;
    for (int k = 0; k < 4; k++) sum += weight[k] * to_float(corner[k][c]);
    return sum;
  }

  /// The maximum score, the first channel that attains it, and the sum of exp(score - maximum).
  struct Top {
    float most, total;
    int channel;
  };
  STRATA_DEVICE Top top(int channels) const {
    Top top{(*this)(0), 0, 0};
    for (int c = 1; c < channels; c++) {
      const float score = (*this)(c);
      if (score > top.most) top.most = score, top.channel = c;
    }
    for (int c = 0; c < channels; c++) top.total += exponential((*this)(c)-top.most);
    return top;
  }
};

template <class T>
struct Softmax {
  Node node;
  Grid<1> pixels;
  const T* x;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const Place p = pixels(i);
    const Scores<T> scores(node, x, p.image, p.row, p.column);
    const auto top = scores.top(node.out.channels);
    for (int c = 0; c < node.out.channels; c++)
      assign(y[i * node.out.channels + c], exponential(scores(c) - top.most) / top.total);
  }
};

inline void softmax(const Call& call) {
  const Node& node = *call.node;
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    const Grid<1> pixels({node.out.height, node.out.width, 1});
    for_each(call.stream, "softmax", pixels.count(call.batch),
             Softmax<T>{node, pixels, static_cast<const T*>(call.inputs[Input::x]), static_cast<T*>(call.output)});
  });
}

/// dx = y (dy - sum dy y); dx may be dy.
template <class T>
struct SoftmaxGradient {
  int channels;
  const T *dy, *y;
  T* dx;

  STRATA_DEVICE void operator()(long i) const {
    const long first = i * channels;
    float dot = 0;
    for (long e = first; e < first + channels; e++) dot += to_float(dy[e]) * to_float(y[e]);
    for (long e = first; e < first + channels; e++) assign(dx[e], to_float(y[e]) * (to_float(dy[e]) - dot));
  }
};

inline void softmax_gradient(const Call& call) {
  const Node& node = *call.node;
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, "softmax_gradient", long(call.batch) * node.out.pixels(),
             SoftmaxGradient<T>{node.out.channels, static_cast<const T*>(call.inputs[Input::dy]),
                                static_cast<const T*>(call.inputs[Input::y]), static_cast<T*>(call.output)});
  });
}

}  // namespace strata::cuda::kernels

// SPDX-License-Identifier: MIT
// Sums over a window of channels.
#pragma once

#include <strata/core/window.hpp>
#include <strata/cuda/kernels/pack.hpp>
#include <strata/cuda/runtime/call.hpp>

namespace strata::cuda::kernels {

/// y[c] = the sum of x[c - before ... c + after], in both directions.
template <class T>
struct ChannelWindow {
  core::Axis window;
  int channels;
  const T* x;
  T* y;

  STRATA_DEVICE void operator()(long i) const {
    const long pixel = divide(i, channels);
    const int c = int(i - pixel * channels);
    float sum = 0;
    for (int k = 0; k < window.kernel; k++) {
      const int from = window.source(c, k);
      if (from >= 0 && from < channels) sum += to_float(x[pixel * channels + from]);
    }
    assign(y[i], sum);
  }
};

inline void channel_window(const Call& call) {
  const Node& node = *call.node;
  with_element(call.element, [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, "channel_window", call.batch * node.out.size(),
             ChannelWindow<T>{node.window.rows, node.out.channels, static_cast<const T*>(call.inputs.first()),
                              static_cast<T*>(call.output)});
  });
}

}  // namespace strata::cuda::kernels

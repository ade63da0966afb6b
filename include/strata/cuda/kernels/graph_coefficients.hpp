// SPDX-License-Identifier: MIT
// The per-channel numbers that cuDNN's graphs need or produce: scale and shift of a batch norm that a graph applies as
// it reads, and the use of the sums that a graph computes over its output.
#pragma once

#include <strata/cuda/kernels/affine.hpp>
#include <strata/cuda/kernels/statistics.hpp>

namespace strata::cuda::kernels {

/// The batch norm of `numbers` in the form scale x + shift.
template <class T>
struct PrologueCoefficients {
  ChannelNumbers numbers;
  T *scale, *shift;

  STRATA_DEVICE void operator()(long c) const {
    const ChannelMap<1> map(numbers, int(c));
    assign(scale[c], map.slope[0]);
    assign(shift[c], map.shift[0] - map.slope[0] * map.origin[0]);
  }
};

inline void prologue_coefficients(const Call& call, void* scale, void* shift) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  const ChannelNumbers numbers = by_statistics(call.parameter(node.prologue.scale), call.parameter(node.prologue.shift),
                                               call.inputs[Input::statistics], channels);
  with_element(prologue_element(call.element), [&](auto zero) {
    using T = decltype(zero);
    for_each(call.stream, "prologue_coefficients", channels,
             PrologueCoefficients<T>{numbers, static_cast<T*>(scale), static_cast<T*>(shift)});
  });
}

/// mean = sum / n, variance = squares / n - mean^2: the difference is taken in double, of sums in float.
struct FinishStatistics {
  const float *sums, *squares;
  KeepStatistics keep;

  STRATA_DEVICE void operator()(long c) const {
    const double mean = double(sums[c]) / keep.count;
    keep(int(c), mean, double(squares[c]) - double(sums[c]) * mean);
  }
};

/// `call` is that of a batch_statistics node. If it keeps its running statistics, the sums are unused.
inline void finish_statistics(const Call& call, const float* sums, const float* squares) {
  if (call.keeps_statistics()) return running_statistics(call);
  const Node& node = *call.node;
  const int channels = node.in.channels;
  for_each(call.stream, "finish_statistics", channels,
           FinishStatistics{sums,
                            squares,
                            {static_cast<float*>(call.output), call.buffers + node.buffers, channels,
                             double(call.batch) * node.in.pixels(), node.epsilon, node.momentum, call.numbers}});
}

/// Copies the value [sum dz, sum dz xhat] to the gradients of shift and scale (null if frozen), then zeroes it if
/// statistics are kept.
struct CopyReductions {
  float *value, *scale, *shift;
  int channels;
  bool kept;

  STRATA_DEVICE void operator()(long c) const {
    if (shift) shift[c] = value[c];
    if (scale) scale[c] = value[channels + c];
    if (kept) value[c] = value[channels + c] = 0;
  }
};

inline void keep_reductions(const Call& call) {
  const Node& node = *call.node;
  const int channels = node.mid.channels;
  if (node.frozen && !call.keeps_statistics()) return;
  for_each(call.stream, "keep_reductions", channels,
           CopyReductions{static_cast<float*>(call.output), node.frozen ? nullptr : call.gradient(node.weights),
                          node.frozen ? nullptr : call.gradient(node.bias), channels, call.keeps_statistics()});
}

}  // namespace strata::cuda::kernels

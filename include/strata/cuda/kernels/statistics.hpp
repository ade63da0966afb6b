// SPDX-License-Identifier: MIT
// Mean and deviation of each channel of a batch. A part sums deviations from its first pixel, so that a large mean
// costs no precision; parts are merged by their means and their sums of squared deviations.
#pragma once

#include <strata/cuda/kernels/channel_sums.hpp>

namespace strata::cuda::kernels {

using namespace functions;

template <class T, int N>
struct PartMoments {
  PartGrid<N> grid;
  const T* x;

  STRATA_DEVICE void operator()(long i) const {
    float origin[std::size_t(N)], sum[std::size_t(N)] = {}, squares[std::size_t(N)] = {};
    load<N>(x + long(grid.part(i)) * grid.channels + grid.channel(i), origin);
    grid.for_each_pixel(i, [&](long at) {
      float value[std::size_t(N)];
      load<N>(x + at, value);
      for (int e = 0; e < N; e++) {
        const float d = value[e] - origin[e];
        sum[e] += d, squares[e] += d * d;
      }
    });
    const auto count = float(grid.shape.size(grid.part(i), grid.part(i) + 1));
    for (int e = 0; e < N; e++) {
      const float offset = sum[e] / count;
      squares[e] = maximum(squares[e] - sum[e] * offset, 0.f);
      origin[e] += offset;
    }
    grid.keep(i, origin, squares);
  }
};

/// Writes the value [mean, 1 / deviation] and moves the running statistics toward the batch's.
struct KeepStatistics {
  float *statistics, *running;
  int channels;
  double count, epsilon, momentum;
  const StepNumbers* numbers;

  STRATA_DEVICE void operator()(int c, double mean, double squares) const {
    if (squares < 0) squares = 0;
    const double share = numbers->momentum >= 0 ? double(numbers->momentum) : momentum;
    statistics[c] = float(mean);
    statistics[channels + c] = float(1 / square_root(squares / count + epsilon));
    const double unbiased = count > 1 ? squares / (count - 1) : squares;
    running[c] = float((1 - share) * double(running[c]) + share * mean);
    running[channels + c] = float((1 - share) * double(running[channels + c]) + share * unbiased);
  }
};

/// The value [mean, 1 / deviation] of a batch norm that keeps its running statistics.
struct RunningStatistics {
  const float* running;
  float* statistics;
  int channels;
  double epsilon;

  STRATA_DEVICE void operator()(long c) const {
    statistics[c] = running[c];
    statistics[channels + c] = float(1 / square_root(double(running[channels + c]) + epsilon));
  }
};

/// `call` is that of a batch_statistics node.
inline void running_statistics(const Call& call) {
  const Node& node = *call.node;
  const int channels = node.in.channels;
  for_each(call.stream, "running_statistics", channels,
           RunningStatistics{call.buffers + node.buffers, static_cast<float*>(call.output), channels, node.epsilon});
}

inline void batch_statistics(const Call& call) {
  if (call.keeps_statistics()) return running_statistics(call);
  const Node& node = *call.node;
  const int channels = node.in.channels;
  const Parts parts(long(call.batch) * node.in.pixels(), channels);
  WorkspaceAllocator allocator(call.workspace);
  const PartialSums partial(allocator, parts, channels);
  with_pack(call.element, channels, [&](auto zero, auto n) {
    using T = decltype(zero);
    const PartGrid<n> grid{parts, channels, partial.parts};
    for_each(call.stream, "batch_statistics_parts", grid.count(),
             PartMoments<T, n>{grid, static_cast<const T*>(call.inputs[Input::x])});
  });
  merge_parts<MomentsOfParts>(call, "batch_statistics", parts, channels, partial,
                              KeepStatistics{static_cast<float*>(call.output), call.buffers + node.buffers, channels,
                                             double(parts.pixels), node.epsilon, node.momentum, call.numbers});
}

}  // namespace strata::cuda::kernels

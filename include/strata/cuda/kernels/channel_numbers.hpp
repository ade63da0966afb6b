// SPDX-License-Identifier: MIT
// The affine map of each channel of a map, y = slope (x + bias - mean) + shift: batch norm, folded or not, or a bias.
#pragma once

#include <strata/cuda/runtime/call.hpp>

namespace strata::cuda {

/// Per-channel numbers in device memory; null: absent. slope = scale / deviation.
struct ChannelNumbers {
  const float *scale = nullptr, *shift = nullptr, *bias = nullptr, *mean = nullptr;
  const float *inverse_deviation = nullptr, *variance = nullptr;  ///< at most one is set; neither: deviation 1
  float epsilon = 0;                                              ///< added to the variance
};

/// Batch norm with a batch's statistics: mean[C], inv_std[C].
inline ChannelNumbers by_statistics(const float* scale, const float* shift, const void* statistics, int channels) {
  const float* mean = static_cast<const float*>(statistics);
  return {.scale = scale, .shift = shift, .mean = mean, .inverse_deviation = mean + channels};
}
/// Batch norm with running statistics: mean[C], variance[C].
inline ChannelNumbers by_running(const float* scale, const float* shift, const float* running, int channels,
                                 double epsilon) {
  return {.scale = scale, .shift = shift, .mean = running, .variance = running + channels, .epsilon = float(epsilon)};
}

}  // namespace strata::cuda

// SPDX-License-Identifier: MIT
// What is done to each channel of a map: y = slope (x + bias - mean) + shift. Batch norm, a folded one, a bias.
#pragma once

#include <strata/cuda/call.hpp>

namespace strata::cuda {

/// Numbers of the channels, in device memory. Null: nothing of that kind. slope = scale / deviation.
struct ChannelNumbers {
  const float *scale = nullptr, *shift = nullptr, *bias = nullptr, *mean = nullptr;
  const float *inverse_deviation = nullptr, *variance = nullptr;  ///< one of them, or none: deviation 1
  float epsilon = 0;                                              ///< added to the variance
};

/// Batch norm by a batch's statistics: mean[C], inv_std[C].
inline ChannelNumbers by_statistics(const float* scale, const float* shift, const void* statistics, int channels) {
  const float* mean = static_cast<const float*>(statistics);
  return {.scale = scale, .shift = shift, .mean = mean, .inverse_deviation = mean + channels};
}
/// By running statistics: mean[C], variance[C].
inline ChannelNumbers by_running(const float* scale, const float* shift, const float* running, int channels, double epsilon) {
  return {.scale = scale, .shift = shift, .mean = running, .variance = running + channels, .epsilon = float(epsilon)};
}

}  // namespace strata::cuda

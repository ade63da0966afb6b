// SPDX-License-Identifier: MIT
// GPUs according to their data sheets, and the rates (work.hpp) that such a sheet lets one expect.
#pragma once

#include <strata/core/text/text.hpp>
#include <strata/graph/work.hpp>

#include <algorithm>

namespace strata::graph {

/// A device according to its data sheet, without sparsity; a multiply-add counts as two operations. 0: its tensor cores
/// do not support the format, and fp32 units compute the products.
struct DevicePeak {
  const char* name = "";
  double fp32 = 0, tf32 = 0, fp16 = 0, bf16 = 0;  ///< TFLOP/s
  double bandwidth = 0;                           ///< TB/s
  double gigabytes = 0;                           ///< of memory; the smallest model's

  /// TFLOP/s of products in a precision, as run.json spells it.
  constexpr double of(const char* precision) const {
    const double tensor_cores = core::same_text(precision, "float16")    ? fp16
                                : core::same_text(precision, "bfloat16") ? bf16
                                : core::same_text(precision, "tf32")     ? tf32
                                                                         : 0;
    return std::max(tensor_cores, fp32);
  }
};

inline constexpr DevicePeak v100_peak{"V100", 15.7, 0, 125, 0, 0.9, 16};
inline constexpr DevicePeak a100_peak{"A100", 19.5, 156, 312, 312, 2.039, 40};
inline constexpr DevicePeak h100_peak{"H100", 67, 494.7, 989.4, 989.4, 3.35, 80};

/// Assumptions for every device. cuDNN's convolutions of ResNets reach 30 to 70 % of the tensor cores' peak, and less
/// with few channels; streaming kernels reach 80 to 90 % of the bandwidth.
struct EstimateAssumptions {
  double arithmetic_share = 0.4;
  double bandwidth_share = 0.8;
  double launch_seconds = 2e-6;  ///< between two kernels of a CUDA graph
  int whole_tensor_cores = 64;   ///< channels in and out that fill the tensor cores; fewer in proportion
};

/// The rates of a device whose products have a peak of `peak` TFLOP/s.
constexpr Rates rates_of(const DevicePeak& device, double peak, const EstimateAssumptions& a = {}) {
  const double products = 1e12 * a.arithmetic_share / 2;
  return {.products = peak * products,
          .plain_products = device.fp32 * products,
          .whole_channels = a.whole_tensor_cores,
          .bytes = device.bandwidth * 1e12 * a.bandwidth_share,
          .kernel_seconds = a.launch_seconds};
}

}  // namespace strata::graph

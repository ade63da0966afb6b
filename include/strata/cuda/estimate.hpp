// SPDX-License-Identifier: MIT
// How long a plan would take on a GPU that is not at hand: for each node the longer of its arithmetic at a share of the
// device's peak and its memory traffic at a share of the bandwidth, and a launch. An estimate, not a measurement.
#pragma once

#include <strata/cuda/lower.hpp>

namespace strata::cuda {

/// What its maker says of a device: dense tensor cores, or plain multiply-adds where it has none for the number.
struct DevicePeak {
  const char* name = "";
  double fp32 = 0, tf32 = 0, fp16 = 0;  ///< TFLOP/s, a multiply-add counted as two; bf16 is as fp16 (0: has none)
  double bandwidth = 0;                 ///< TB/s
};

inline constexpr DevicePeak v100{"V100", 15.7, 15.7, 125, 0.9};
inline constexpr DevicePeak a100{"A100", 19.5, 156, 312, 2.039};
inline constexpr DevicePeak h100{"H100", 67, 494.7, 989.4, 3.35};

/// What is assumed of every device. Published layers of ResNets reach 30 to 70 % of the tensor cores' peak in cuDNN and less
/// where channels are few; streams reach 80 to 90 % of the bandwidth.
struct EstimateAssumptions {
  double arithmetic_share = 0.4;
  double bandwidth_share = 0.8;
  double launch_seconds = 2e-6;   ///< between two kernels of a CUDA graph
  int whole_tensor_cores = 64;    ///< channels, in and out, from which on tensor cores work at their share; fewer in proportion
};

struct Estimate {
  double seconds = 0;
  double arithmetic = 0, memory = 0, launches = 0;  ///< seconds that each alone would take
  long bytes = 0, macs = 0;
};

/// Bytes that a node reads and writes for a batch: every tensor once, weights included.
constexpr long traffic(const PlanView& plan, int i, int batch, Element element) {
  const Node& node = plan.nodes[i];
  long floats = graph::extent(node.op) == graph::Extent::image ? node.out.size() * batch : 0;
  for (int k = 0; k < node.input_count; k++) {
    const Node& from = plan.nodes[node.inputs[k]];
    if (graph::extent(from.op) == graph::Extent::image) floats += from.out.size() * batch;
  }
  if (node.op == Op::input) floats += node.out.size() * batch / 4;
  const long weights = multiplies_weights(node.op) ? weight_order(node).size() : 0;
  return floats * bytes_of(element) + weights * (is_weight_gradient(node.op) ? 4 : bytes_of(element));
}

constexpr Estimate estimate(const PlanView& plan, int batch, Precision precision, const DevicePeak& device, EstimateAssumptions a = {}) {
  Estimate e;
  const double tensor = precision.element != Element::fp32 ? device.fp16 : precision.compute == Compute::tf32 ? device.tf32 : device.fp32;
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    double arithmetic = 0;
    if (multiplies_weights(node.op)) {
      const LinearShapes l = linear_shapes(node);
      const double filled = double(std::min<long>({l.weight_inner, long(l.y.channels), long(a.whole_tensor_cores)})) / a.whole_tensor_cores;
      const double rate = std::max(tensor * filled, device.fp32) * 1e12 * a.arithmetic_share;
      const long macs = graph::macs(node) * batch;
      e.macs += macs;
      arithmetic = 2.0 * double(macs) / rate;
    }
    const long bytes = traffic(plan, i, batch, precision.element);
    const double memory = double(bytes) / (device.bandwidth * 1e12 * a.bandwidth_share);
    e.bytes += bytes;
    e.arithmetic += arithmetic, e.memory += memory, e.launches += a.launch_seconds;
    e.seconds += std::max(arithmetic, memory) + a.launch_seconds;
  }
  return e;
}

}  // namespace strata::cuda

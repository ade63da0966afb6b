// SPDX-License-Identifier: MIT
// How long a plan would take on a GPU that is not available: for each node, the larger of the time of its products at a
// share of the device's peak and that of its memory traffic at a share of the bandwidth, plus a launch. An estimate,
// not a measurement.
#pragma once

#include <strata/cuda/planning/lower.hpp>
#include <strata/graph/op_traits.hpp>

#include <algorithm>

namespace strata::cuda {

/// A device according to its data sheet, without sparsity; a multiply-add counts as two operations. 0: its tensor cores
/// do not support the format, and fp32 units compute the products.
struct DevicePeak {
  const char* name = "";
  double fp32 = 0, tf32 = 0, fp16 = 0, bf16 = 0;  ///< TFLOP/s
  double bandwidth = 0;                           ///< TB/s
};

inline constexpr DevicePeak v100_peak{"V100", 15.7, 0, 125, 0, 0.9};
inline constexpr DevicePeak a100_peak{"A100", 19.5, 156, 312, 312, 2.039};
inline constexpr DevicePeak h100_peak{"H100", 67, 494.7, 989.4, 989.4, 3.35};

/// Assumptions for every device. cuDNN's convolutions of ResNets reach 30 to 70 % of the tensor cores' peak, and less
/// with few channels; streaming kernels reach 80 to 90 % of the bandwidth.
struct EstimateAssumptions {
  double arithmetic_share = 0.4;
  double bandwidth_share = 0.8;
  double launch_seconds = 2e-6;  ///< between two kernels of a CUDA graph
  int whole_tensor_cores = 64;   ///< channels in and out that fill the tensor cores; fewer in proportion
};

struct Estimate {
  double seconds = 0;
  double arithmetic = 0, memory = 0, launches = 0;  ///< seconds that each would take alone
  long bytes = 0, macs = 0;
};

/// Bytes that a node reads and writes for a batch: every tensor once, including weights.
constexpr long traffic(const PlanView& plan, int i, int batch, Element element) {
  const Node& node = plan.nodes[i];
  const auto numbers = [batch](const Node& n) {
    return graph::extent(n.op) == graph::Extent::image ? n.out.size() * batch : 0;
  };
  long bytes = numbers(node) * bytes_of(element);
  for (const int input : node.inputs) bytes += numbers(plan.nodes[input]) * bytes_of(element);
  if (node.op == Op::input) bytes += numbers(node);  // one byte each
  if (multiplies_weights(node.op))
    bytes += weight_order(node).size() * (is_weight_gradient(node.op) ? 4 : bytes_of(element));
  return bytes;
}

/// TFLOP/s of products in a precision.
constexpr double peak_of(const DevicePeak& device, Precision precision) {
  double tensor_cores = 0;
  switch (precision.element) {
    case Element::fp16: tensor_cores = device.fp16; break;
    case Element::bf16: tensor_cores = device.bf16; break;
    case Element::fp32: tensor_cores = precision.compute == Compute::tf32 ? device.tf32 : 0; break;
  }
  return std::max(tensor_cores, device.fp32);
}

/// The estimated time of a plan for a batch, with its memory traffic and multiply-adds.
constexpr Estimate estimate(const PlanView& plan, int batch, Precision precision, const DevicePeak& device,
                            EstimateAssumptions a = {}) {
  Estimate e;
  const double peak = peak_of(device, precision);
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    double arithmetic = 0;
    if (multiplies_weights(node.op)) {
      const LinearShapes l = linear_shapes(node);
      const double filled = double(std::min<long>({l.weight_inner, long(l.y.channels), long(a.whole_tensor_cores)})) /
                            a.whole_tensor_cores;
      const long macs = graph::node_macs(node) * batch;
      e.macs += macs;
      arithmetic = 2.0 * double(macs) / (std::max(peak * filled, device.fp32) * 1e12 * a.arithmetic_share);
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

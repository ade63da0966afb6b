// SPDX-License-Identifier: MIT
// How long a plan would take on a GPU that is not available: for each node, the larger of the time of its products at a
// share of the device's peak and that of its memory traffic at a share of the bandwidth, plus a launch. An estimate,
// not a measurement.
#pragma once

#include <strata/cuda/planning/lower.hpp>
#include <strata/graph/data_sheet.hpp>
#include <strata/graph/work.hpp>

#include <algorithm>

namespace strata::cuda {

using graph::DevicePeak, graph::EstimateAssumptions, graph::v100_peak, graph::a100_peak, graph::h100_peak;

struct Estimate {
  double seconds = 0;
  double arithmetic = 0, memory = 0, launches = 0;  ///< seconds that each would take alone
  long bytes = 0, macs = 0;
};

/// Bytes that a node reads and writes for a batch: every tensor once, including weights.
constexpr long traffic(const PlanView& plan, int i, int batch, Element element) {
  const Node& node = plan.nodes[i];
  long bytes = graph::value_numbers(plan.nodes, i) * batch * bytes_of(element);
  if (node.op == Op::input) bytes += node.out.size() * batch;  // one byte each
  if (multiplies_weights(node.op))
    bytes += weight_order(node).size() * (is_weight_gradient(node.op) ? 4 : bytes_of(element));
  return bytes;
}

/// TFLOP/s of products in a precision.
constexpr double peak_of(const DevicePeak& device, Precision precision) {
  switch (precision.element) {
    case Element::fp16: return device.of("float16");
    case Element::bf16: return device.of("bfloat16");
    case Element::fp32: break;
  }
  return device.of(precision.compute == Compute::tf32 ? "tf32" : "float32");
}

/// The estimated time of a plan for a batch, with its memory traffic and multiply-adds.
constexpr Estimate estimate(const PlanView& plan, int batch, Precision precision, const DevicePeak& device,
                            EstimateAssumptions a = {}) {
  const graph::Rates rates = graph::rates_of(device, peak_of(device, precision), a);
  Estimate e;
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    const long macs = graph::node_macs(node) * batch, bytes = traffic(plan, i, batch, precision.element);
    const graph::StepTime time =
        graph::time_of(graph::Piece{graph::narrowest(node), 1, double(macs), double(macs), double(bytes)}, rates);
    e.bytes += bytes, e.macs += macs;
    e.arithmetic += time.products, e.memory += time.bytes, e.launches += time.kernels, e.seconds += time.seconds;
  }
  return e;
}

}  // namespace strata::cuda

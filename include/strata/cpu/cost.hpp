// SPDX-License-Identifier: MIT
// The costs of a network on the CPU that the program is compiled for, as compile-time constants.
#pragma once

#include <strata/cpu/cpu.hpp>
#include <strata/graph/summary.hpp>

namespace strata::cpu {

/// The use of a network that arena_bytes counts: `inference` or `training`.
enum class Use : unsigned char { inference, training };

/// Bytes that inference allocates: see arena_bytes().
template <class Net, graph::PlanOptions Options>
constexpr long inference_bytes(int batch, int threads) {
  const bool groups = prefers_lanes<Net>() && batch >= Inference<Net>::min_lanes_batch;
  if constexpr (prefers_lanes<Net>())
    if (groups)
      return lanes::inference_bytes<Net, Options>(batch, threads) +
             nhwc::inference_bytes<Net, Options>(Inference<Net>::max_nhwc_batch(batch), threads);
  return nhwc::inference_bytes<Net, Options>(batch, threads);
}

/// Bytes that training allocates: see arena_bytes().
template <class Net, graph::PlanOptions Options>
constexpr long training_bytes(int batch, int threads) {
  if constexpr (prefers_lanes<Net>()) return lanes::training_bytes<Net, Options>(batch, threads);
  else return nhwc::training_bytes<Net, Options>(batch, threads);
}

/// The layout of the program that runs the network's training and its inference at large batch sizes.
template <class Net>
inline constexpr graph::Layout layout_of = prefers_lanes<Net>() ? lanes::layout : nhwc::layout;

/// Bytes of memory that the network's program allocates for a batch of `batch` images on `threads` threads:
/// activations, packed weights, reductions and scratch. Exact. Parameters, their gradients and the optimizer's moments
/// belong to the model and are not included.
template <class Net, Use For = Use::inference, class Backend = Cpu>
constexpr long arena_bytes(int batch, int threads = 1) {
  if constexpr (For == Use::training) return cpu::training_bytes<Net, Backend::options>(batch, threads);
  else return cpu::inference_bytes<Net, Backend::options>(batch, threads);
}

/// What a training step stores and computes per image, according to the plan.
struct TrainingCost {
  long bytes = 0;  ///< of the values in an image's frame
  long macs = 0;   ///< multiply-adds counted as direct sums, including recomputed ones

  bool operator==(const TrainingCost&) const = default;
};

/// The training cost per image of `Net` on `Backend`.
template <class Net, class Backend = Cpu>
inline constexpr TrainingCost training_cost = [] {
  constexpr auto& plan = graph::training_plan<Net, cpu::layout_of<Net>, Backend::options>;
  TrainingCost cost{plan.frame * long(sizeof(float)), 0};
  for (int i = 0; i < plan.count; i++) cost.macs += graph::node_macs(plan.nodes[i]);
  return cost;
}();

/// The number of kernels that one inference runs after fusion, including the conversion of the images.
template <class Net, class Backend = Cpu>
inline constexpr int kernel_count = graph::inference_graph<Net, Backend::options>.count;

/// The name of the kernel that runs node i of the inference plan. A network that suits lanes runs small batches in the
/// NHWC program; if that has a fixed-shape kernel for the node, it is named as well.
template <class Net, graph::PlanOptions Options>
constexpr core::Text kernel_text(int i) {
  constexpr auto& plan = graph::inference_plan<Net, cpu::layout_of<Net>, Options>;
  const graph::Node& node = plan.nodes[i];
  const nhwc::AlgorithmTraits& few = nhwc::traits(nhwc::InferenceSizesOf<Net, Options>::algorithms.of[i]);
  bool winograd_in_lanes = false;
  if constexpr (prefers_lanes<Net>())
    winograd_in_lanes = lanes::ProgramOf<plan, graph::functors<Net>>::algorithms.of[i] == lanes::Algorithm::winograd;
  const bool fixed = few.fixed_shape && few.algorithm != nhwc::Algorithm::skipped;
  core::Text name(graph::name(node.op));
  if (node.op == graph::Op::convolution) {
    name = core::Text("conv, ") << (prefers_lanes<Net>() ? "images in lanes" : few.name);
    if (winograd_in_lanes) name << ", Winograd";
  } else if (fixed && !prefers_lanes<Net>()) {
    name << ", " << few.name;
  }
  if (graph::is_linear(node.op)) {
    if (node.folded.present) name << ", bn folded";
    if (node.inputs.has(graph::Input::residual)) name << ", + residual";
    if (node.epilogue.functor == graph::relu_functor) name << ", relu";
    else if (node.epilogue.functor != graph::no_functor) name << ", functor";
    if (node.epilogue.pools) name << ", max pool";
  }
  if (fixed && prefers_lanes<Net>()) name << " (few images: " << few.name << ')';
  return name;
}

/// The same as a string.
template <class Net, graph::PlanOptions Options>
std::string kernel_name(int i) {
  return kernel_text<Net, Options>(i).text;
}

/// The table of the network as its inference runs on this CPU, as in print(summary<Net>()).
template <class Net, class Backend = Cpu>
graph::SummaryTable summary() {
  return graph::describe<Net>(graph::inference_plan<Net, cpu::layout_of<Net>, Backend::options>,
                              &cpu::kernel_name<Net, Backend::options>);
}

}  // namespace strata::cpu

namespace strata {
using cpu::arena_bytes;
using cpu::summary;
using cpu::Use;
}  // namespace strata

// SPDX-License-Identifier: MIT
// What a network costs on the CPU that the program is compiled for, as constants.
#pragma once

#include <strata/cpu/cpu.hpp>
#include <strata/graph/summary.hpp>

namespace strata {

enum class Use : unsigned char { inference, training };

namespace cpu {

template <class Net>
constexpr long inference_bytes(int batch, int threads) {
  const bool groups = prefers_lanes<Net>() && batch >= Inference<Net>::lanes_from;
  if constexpr (prefers_lanes<Net>())
    if (groups)
      return lanes::inference_bytes<Net>(batch, threads) + nhwc::inference_bytes<Net>(Inference<Net>::images_at_once(batch), threads);
  return nhwc::inference_bytes<Net>(batch, threads);
}

template <class Net>
constexpr long training_bytes(int batch, int threads) {
  if constexpr (prefers_lanes<Net>()) return lanes::training_bytes<Net>(batch, threads);
  else return nhwc::training_bytes<Net>(batch, threads);
}

}  // namespace cpu

/// Bytes that the program of the network holds for a batch: activations, packed weights, reductions, scratch. Exact. The
/// parameters themselves, their gradients and the optimizer's moments are the model's and not counted.
template <class Net, Use For = Use::inference>
constexpr long arena_bytes(int batch, int threads = 1) {
  if constexpr (For == Use::training) return cpu::training_bytes<Net>(batch, threads);
  else return cpu::inference_bytes<Net>(batch, threads);
}

/// Kernels that one inference runs, after fusion; the conversion of the images is the first.
template <class Net>
inline constexpr int kernel_count = graph::inference_graph<Net>.count;

namespace cpu {

/// The kernel that serves a node of the inference plan. A network of lanes runs few images by the other program, which is
/// named too where it has a kernel of its own for the node.
template <class Net>
std::string kernel_name(const graph::Node& node) {
  std::string name = graph::name(node.op);
  const char* const fixed = nhwc::fixed_shape::name(graph::inference_plan<Net, nhwc::layout>, node);
  const std::string own = fixed ? fixed : "direct";
  if (node.op == graph::Op::convolution) {
    name = "conv, " + (prefers_lanes<Net>() ? "images in lanes" : own);
    if (prefers_lanes<Net>() && lanes::takes_winograd(node)) name += ", Winograd";
    if (node.folds) name += ", bn folded";
    if (node.adds) name += ", + residual";
    if (node.functor == graph::relu_functor) name += ", relu";
    else if (node.functor != graph::no_functor) name += ", functor";
    if (node.pools) name += ", max pool";
  } else if (fixed && !prefers_lanes<Net>()) {
    name += ", " + own;
  }
  if (fixed && prefers_lanes<Net>()) name += " (few images: " + own + ")";
  return name;
}

}  // namespace cpu

/// The table of the network as its inference runs here: print(summary<Net>()).
template <class Net>
SummaryTable summary() {
  if constexpr (cpu::prefers_lanes<Net>()) return describe<Net>(graph::inference_plan<Net, cpu::lanes::layout>, &cpu::kernel_name<Net>);
  else return describe<Net>(graph::inference_plan<Net, cpu::nhwc::layout>, &cpu::kernel_name<Net>);
}

}  // namespace strata

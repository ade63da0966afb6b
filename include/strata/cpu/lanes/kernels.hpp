// SPDX-License-Identifier: MIT
// Which kernel runs a node, and what it needs: workspace, packed weights, memory for a partial reduction. Kernels are
// keyed by operation, functor, pool and use of Winograd; shapes are run-time values, so equal work is compiled once.
#pragma once

#include <cmath>
#include <strata/cpu/lanes/convolution.hpp>
#include <strata/cpu/lanes/dense.hpp>
#include <strata/cpu/lanes/elementwise.hpp>
#include <strata/cpu/lanes/ends.hpp>
#include <strata/cpu/lanes/normalize.hpp>
#include <strata/cpu/lanes/pools.hpp>
#include <strata/cpu/lanes/statistics.hpp>
#include <strata/cpu/lanes/weight_gradient.hpp>
#include <strata/cpu/lanes/winograd.hpp>

namespace strata::cpu::lanes {

using graph::Op;
using Kernel = void (*)(const Call&);

/// Whether this back end has a kernel for the operation.
constexpr bool supports(Op op) {
  switch (op) {
    case Op::depthwise_convolution:
    case Op::depthwise_convolution_input_gradient:
    case Op::depthwise_convolution_weight_gradient:
    case Op::transposed_convolution:
    case Op::transposed_convolution_input_gradient:
    case Op::transposed_convolution_weight_gradient:
    case Op::resize:
    case Op::resize_gradient:
    case Op::resize_taps:
    case Op::resize_taps_gradient:
    case Op::broadcast:
    case Op::broadcast_gradient:
    case Op::crop:
    case Op::crop_gradient: return false;
    default: return true;
  }
}

/// Whether this back end can run the plan.
template <class Plan>
constexpr bool supports(const Plan& plan) {
  for (int i = 0; i < plan.count; i++)
    if (!supports(plan.nodes[i].op)) return false;
  return true;
}

template <Op O, class F, Pooling P, bool ByWinograd>
constexpr Kernel kernel() {
  if constexpr (O == Op::input) return &input;
  else if constexpr (O == Op::convolution && ByWinograd) return &winograd_convolution<F>;
  else if constexpr (O == Op::convolution_input_gradient && ByWinograd) return &winograd_convolution<nothing>;
  else if constexpr (O == Op::convolution) return &convolution<F>;
  else if constexpr (O == Op::convolution_input_gradient) return &convolution<nothing>;
  else if constexpr (O == Op::convolution_weight_gradient) return &convolution_weight_gradient;
  else if constexpr (O == Op::dense) return &dense<F>;
  else if constexpr (O == Op::dense_input_gradient) return &dense_input_gradient;
  else if constexpr (O == Op::dense_weight_gradient) return &dense_weight_gradient;
  else if constexpr (O == Op::batch_statistics) return &batch_statistics;
  else if constexpr (O == Op::normalize) return &normalize<F, P>;
  else if constexpr (O == Op::normalize_reductions) return &normalize_reductions<F, P>;
  else if constexpr (O == Op::normalize_input_gradient) return &normalize_input_gradient<F, P>;
  else if constexpr (O == Op::batch_norm) return &batch_norm<F>;
  else if constexpr (O == Op::pointwise) return &pointwise<F>;
  else if constexpr (O == Op::pointwise_gradient) return &pointwise_gradient<F>;
  else if constexpr (O == Op::max_pool) return &max_pool;
  else if constexpr (O == Op::max_pool_gradient) return &max_pool_gradient;
  else if constexpr (O == Op::average_pool) return &average_pool;
  else if constexpr (O == Op::average_pool_gradient) return &average_pool_gradient;
  else if constexpr (O == Op::global_average_pool) return &global_average_pool;
  else if constexpr (O == Op::global_average_pool_gradient) return &global_average_pool_gradient;
  else if constexpr (O == Op::dropout || O == Op::dropout_gradient) return &dropout;
  else if constexpr (O == Op::softmax) return &softmax;
  else if constexpr (O == Op::softmax_gradient) return &softmax_gradient;
  else if constexpr (O == Op::loss) return &loss;
  else if constexpr (O == Op::sum) return &sum<F>;
  else if constexpr (O == Op::concat) return &concat;
  else if constexpr (O == Op::concat_gradient) return &concat_gradient;
  else if constexpr (O == Op::flatten || O == Op::flatten_gradient) return &flatten;
  else return nullptr;
}

/// Floats that a thread needs privately while the node runs.
constexpr long workspace(const Node& node) {
  switch (node.op) {
    case Op::convolution:
    case Op::convolution_input_gradient:
      return whole_lines(uses_winograd(node) ? winograd_of(node).workspace() : convolution_workspace(node));
    case Op::convolution_weight_gradient: return whole_lines(weight_gradient_of(node).workspace());
    default: return 0;
  }
}

/// Floats of the node's weights in the kernel's layout; 0: the kernel reads the parameters directly.
constexpr long packed_floats(const Node& node) {
  switch (node.op) {
    case Op::convolution:
    case Op::convolution_input_gradient:
      return whole_lines(uses_winograd(node) ? winograd_of(node).packed_floats() : convolution_of(node).packed_floats());
    case Op::dense: return whole_lines(packed_dense_floats(node));
    case Op::input:
    case Op::batch_norm: return whole_lines(2L * node.out.channels);
    default: return 0;
  }
}

/// Floats of a chunk's partial sum of the node's reduction; 0: the node reduces nothing.
constexpr long partial_floats(const Node& node) {
  switch (node.op) {
    case Op::convolution_weight_gradient:
      return whole_lines((long(node.in.channels) * node.window.taps() + (node.bias >= 0)) * node.out.channels);
    case Op::dense_weight_gradient: return whole_lines((node.in.size() + (node.bias >= 0)) * node.out.size());
    case Op::batch_statistics: return whole_lines(moments_floats(node.in.channels));
    case Op::normalize_reductions: return whole_lines(2L * node.mid.channels);
    case Op::loss: return whole_lines(loss_floats);
    default: return 0;
  }
}

/// factor[C] and offset[C] of a batch norm after a linear node with that bias (may be null). running: mean[C],
/// variance[C].
inline void fold(const float* scale, const float* shift, const float* running, const float* bias, int channels,
                 double epsilon, float* to) {
  for (int c = 0; c < channels; c++) {
    const double factor = (scale ? scale[c] : 1.0) / std::sqrt(double(running[channels + c]) + epsilon);
    to[c] = float(factor);
    to[channels + c] = float((shift ? shift[c] : 0.0) + factor * (double(bias ? bias[c] : 0) - running[c]));
  }
}

/// Packs what the node reads. folded: room for factor[C] and offset[C], used only if node.folds.
inline void pack(const Node& node, const float* parameters, const float* buffers, float* folded, float* to) {
  auto at = [&](int offset) { return offset >= 0 ? parameters + offset : nullptr; };
  const float *const weights = at(node.weights), *bias = at(node.bias), *scale = nullptr;
  const int channels = node.mid.channels;
  if (node.op == Op::input) {
    std::copy_n(buffers + node.buffers, 2 * channels, to);
    return;
  }
  if (node.op == Op::batch_norm) {
    fold(weights, bias, buffers + node.buffers, nullptr, channels, node.epsilon, to);
    return;
  }
  if (node.folds) {
    fold(at(node.norm_scale), at(node.norm_shift), buffers + node.norm_buffers, bias, channels, node.epsilon, folded);
    scale = folded, bias = folded + channels;
  }
  if (node.op == Op::convolution_input_gradient) bias = nullptr;
  if (node.op == Op::dense) pack_dense(node, weights, scale, bias, to);
  else if (uses_winograd(node)) pack_winograd(winograd_of(node), node.op != Op::convolution, weights, scale, bias, to);
  else if (node.op == Op::convolution) pack_convolution(convolution_of(node), node.window, false, weights, scale, bias, to);
  else pack_convolution(convolution_of(node), node.window, true, weights, nullptr, nullptr, to);
}

}  // namespace strata::cpu::lanes

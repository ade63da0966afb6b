// SPDX-License-Identifier: MIT
// The table of contents: for each op whether this program runs it, how its weights are packed and what memory it needs;
// then its kernel. Kernels are keyed by operation, functor, pool and use of Winograd; shapes are run-time values, so
// equal work is compiled once.
#pragma once

#include <cmath>
#include <strata/cpu/lanes/convolution.hpp>
#include <strata/cpu/lanes/dense.hpp>
#include <strata/cpu/lanes/elementwise.hpp>
#include <strata/cpu/lanes/ends.hpp>
#include <strata/cpu/lanes/normalize.hpp>
#include <strata/cpu/lanes/pools.hpp>
#include <strata/cpu/lanes/scale.hpp>
#include <strata/cpu/lanes/statistics.hpp>
#include <strata/cpu/lanes/weight_gradient.hpp>
#include <strata/cpu/lanes/winograd.hpp>
#include <strata/graph/op_traits.hpp>

namespace strata::cpu::lanes {

using graph::Op;
using Kernel = void (*)(const Call&);

namespace floats {

constexpr long none(const Node&) { return 0; }
constexpr long convolution_workspace(const Node& n) {
  return whole_lines(uses_winograd(n) ? winograd_of(n).workspace() : lanes::convolution_workspace(n));
}
constexpr long convolution_packed(const Node& n) {
  return whole_lines(uses_winograd(n) ? winograd_of(n).packed_floats() : convolution_of(n).packed_floats());
}
constexpr long convolution_sums(const Node& n) {
  return whole_lines((long(n.in.channels) * n.window.taps() + (n.bias >= 0)) * n.out.channels);
}
constexpr long weight_gradient_workspace(const Node& n) { return whole_lines(weight_gradient_of(n).workspace()); }
constexpr long dense_packed(const Node& n) { return whole_lines(packed_dense_floats(n)); }
constexpr long dense_sums(const Node& n) { return whole_lines((n.in.size() + (n.bias >= 0)) * n.out.size()); }
constexpr long channels_packed(const Node& n) { return whole_lines(2L * n.out.channels); }
constexpr long statistics(const Node& n) { return whole_lines(moments_floats(n.in.channels)); }
constexpr long reductions(const Node& n) { return whole_lines(2L * n.mid.channels); }
constexpr long losses(const Node&) { return whole_lines(loss_floats); }

}  // namespace floats

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

/// Writes what the kernel reads of the node's parameters. folded: room for factor[C] and offset[C], used only if
/// a batch norm is folded.
using Pack = void (*)(const Node&, const float* parameters, const float* buffers, float* folded, float* to);

inline void pack_nothing(const Node&, const float*, const float*, float*, float*) {}

inline void pack_input(const Node& node, const float*, const float* buffers, float*, float* to) {
  std::copy_n(buffers + node.buffers, 2 * node.mid.channels, to);
}
inline void pack_batch_norm(const Node& node, const float* parameters, const float* buffers, float*, float* to) {
  fold(parameters + node.weights, parameters + node.bias, buffers + node.buffers, nullptr, node.mid.channels,
       node.epsilon, to);
}

/// What packing reads: the weights, and what becomes of output channel o: w[o] scale[o] and bias[o]. Null: no scale, no
/// bias. A gradient has neither.
struct Weights {
  const float *weights, *scale = nullptr, *bias = nullptr;

  Weights(const Node& node, const float* parameters, const float* buffers, float* folded)
      : weights(parameters + node.weights) {
    if (!graph::is_linear(node.op)) return;
    const auto at = [&](int offset) { return offset >= 0 ? parameters + offset : nullptr; };
    bias = at(node.bias);
    if (!node.folded.present) return;
    const int channels = node.mid.channels;
    fold(at(node.folded.scale), at(node.folded.shift), buffers + node.folded.buffers, bias, channels,
         node.folded.epsilon, folded);
    scale = folded, bias = folded + channels;
  }
};

inline void pack_convolution(const Node& node, const float* parameters, const float* buffers, float* folded,
                             float* to) {
  const Weights w(node, parameters, buffers, folded);
  const bool mirrored = node.op == Op::convolution_input_gradient;
  if (uses_winograd(node)) pack_winograd(winograd_of(node), mirrored, w.weights, w.scale, w.bias, to);
  else pack_convolution(convolution_of(node), node.window, mirrored, w.weights, w.scale, w.bias, to);
}
inline void pack_dense(const Node& node, const float* parameters, const float* buffers, float* folded, float* to) {
  const Weights w(node, parameters, buffers, folded);
  pack_dense(node, w.weights, w.scale, w.bias, to);
}

/// An entry of the table.
struct Entry {
  Op op;
  bool supported;
  Pack pack = pack_nothing;
  long (*packed)(const Node&) = floats::none;     ///< of the weights in the kernel's layout; 0: reads the parameters
  long (*partial)(const Node&) = floats::none;    ///< of a chunk's partial sum of the node's reduction
  long (*workspace)(const Node&) = floats::none;  ///< that a thread needs privately while the node runs
};

inline constexpr bool supported = true, unsupported = false;
inline constexpr Entry kernel_table[] = {
    {Op::input, supported, pack_input, floats::channels_packed},
    {Op::convolution, supported, pack_convolution, floats::convolution_packed, floats::none,
     floats::convolution_workspace},
    {Op::depthwise_convolution, unsupported},
    {Op::grouped_convolution, unsupported},
    {Op::transposed_convolution, unsupported},
    {Op::dense, supported, pack_dense, floats::dense_packed},
    {Op::batch_norm, supported, pack_batch_norm, floats::channels_packed},
    {Op::pointwise, supported},
    {Op::max_pool, supported},
    {Op::average_pool, supported},
    {Op::global_average_pool, supported},
    {Op::dropout, supported},
    {Op::softmax, supported},
    {Op::sum, supported},
    {Op::concat, supported},
    {Op::scale, supported},
    {Op::resize, unsupported},
    {Op::resize_taps, unsupported},
    {Op::crop, unsupported},
    {Op::broadcast, unsupported},
    {Op::flatten, supported},
    {.op = Op::batch_statistics, .supported = supported, .partial = floats::statistics},
    {Op::normalize, supported},
    {.op = Op::loss, .supported = supported, .partial = floats::losses},
    {Op::convolution_input_gradient, supported, pack_convolution, floats::convolution_packed, floats::none,
     floats::convolution_workspace},
    {.op = Op::convolution_weight_gradient,
     .supported = supported,
     .partial = floats::convolution_sums,
     .workspace = floats::weight_gradient_workspace},
    {Op::depthwise_convolution_input_gradient, unsupported},
    {Op::depthwise_convolution_weight_gradient, unsupported},
    {Op::grouped_convolution_input_gradient, unsupported},
    {Op::grouped_convolution_weight_gradient, unsupported},
    {Op::transposed_convolution_input_gradient, unsupported},
    {Op::transposed_convolution_weight_gradient, unsupported},
    {Op::dense_input_gradient, supported},
    {.op = Op::dense_weight_gradient, .supported = supported, .partial = floats::dense_sums},
    {.op = Op::normalize_reductions, .supported = supported, .partial = floats::reductions},
    {Op::normalize_input_gradient, supported},
    {Op::pointwise_gradient, supported},
    {Op::max_pool_gradient, supported},
    {Op::average_pool_gradient, supported},
    {Op::global_average_pool_gradient, supported},
    {Op::dropout_gradient, supported},
    {Op::softmax_gradient, supported},
    {Op::concat_gradient, supported},
    {Op::scale_gradient, supported},
    {Op::resize_gradient, unsupported},
    {Op::resize_taps_gradient, unsupported},
    {Op::crop_gradient, unsupported},
    {Op::broadcast_gradient, unsupported},
    {Op::flatten_gradient, supported},
};

static_assert(graph::is_complete(kernel_table), "strata: the kernels of cpu/lanes are not one per Op, in its order");

constexpr const Entry& entry_of(Op op) { return kernel_table[int(op)]; }
constexpr long packed_floats(const Node& node) { return entry_of(node.op).packed(node); }
constexpr long partial_floats(const Node& node) { return entry_of(node.op).partial(node); }
constexpr long workspace_floats(const Node& node) { return entry_of(node.op).workspace(node); }

/// Whether this back end can run the plan.
template <class Plan>
constexpr bool supports(const Plan& plan) {
  for (int i = 0; i < plan.count; i++)
    if (!entry_of(plan.nodes[i].op).supported) return false;
  return true;
}

/// The kernel of a supported op.
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
  else if constexpr (O == Op::scale) return &scale;
  else if constexpr (O == Op::scale_gradient) return &scale_gradient;
  else if constexpr (O == Op::flatten || O == Op::flatten_gradient) return &flatten;
  else static_assert(O != O, "strata: cpu/lanes says that it supports an op, but has no kernel for it");
}

}  // namespace strata::cpu::lanes

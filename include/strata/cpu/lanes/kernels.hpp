// SPDX-License-Identifier: MIT
// The table of contents: for each op and each of its algorithms the function that runs it, how its weights are packed
// and what memory it needs. Functions are keyed by op, algorithm, functor and pool; shapes are run-time values, so
// equal work is compiled once.
#pragma once

#include <cmath>
#include <strata/cpu/choices.hpp>
#include <strata/cpu/lanes/algorithm.hpp>
#include <strata/cpu/lanes/channel_window.hpp>
#include <strata/cpu/lanes/convolution.hpp>
#include <strata/cpu/lanes/dense.hpp>
#include <strata/cpu/lanes/elementwise.hpp>
#include <strata/cpu/lanes/ends.hpp>
#include <strata/cpu/lanes/group_norm.hpp>
#include <strata/cpu/lanes/maximum.hpp>
#include <strata/cpu/lanes/measured_convolution.hpp>
#include <strata/cpu/lanes/normalize.hpp>
#include <strata/cpu/lanes/pools.hpp>
#include <strata/cpu/lanes/prelu.hpp>
#include <strata/cpu/lanes/rearrange.hpp>
#include <strata/cpu/lanes/resample.hpp>
#include <strata/cpu/lanes/scale.hpp>
#include <strata/cpu/lanes/statistics.hpp>
#include <strata/cpu/lanes/weight_gradient.hpp>
#include <strata/cpu/lanes/winograd.hpp>
#include <strata/graph/op_traits.hpp>

namespace strata::cpu::lanes {

using graph::Op;
using Run = void (*)(const Call&);

namespace floats {

constexpr long none(const Node&) { return 0; }
constexpr long direct_packed(const Node& n) { return whole_lines(convolution_of(n).packed_floats()); }
constexpr long direct_workspace(const Node& n) { return whole_lines(convolution_workspace(n)); }
constexpr long winograd_packed(const Node& n) { return whole_lines(winograd_of(n).packed_floats()); }
constexpr long winograd_workspace(const Node& n) { return whole_lines(winograd_of(n).workspace()); }
constexpr long convolution_sums(const Node& n) {
  return whole_lines((long(n.in.channels) * n.window.taps() + (n.bias >= 0)) * n.out.channels);
}
constexpr long weight_gradient_workspace(const Node& n) { return whole_lines(weight_gradient_of(n).workspace()); }
constexpr long dense_packed(const Node& n) { return whole_lines(packed_dense_floats(n)); }
constexpr long dense_sums(const Node& n) { return whole_lines((n.in.size() + (n.bias >= 0)) * n.out.size()); }
constexpr long channels_packed(const Node& n) { return whole_lines(2L * n.out.channels); }
constexpr long statistics(const Node& n) { return whole_lines(moments_floats(n.in.channels)); }
constexpr long reductions(const Node& n) { return whole_lines(2L * n.mid.channels); }
constexpr long shared_packed(const Node& n) { return whole_lines(shared_floats(n)); }
constexpr long losses(const Node&) { return whole_lines(loss_floats); }

}  // namespace floats

#if STRATA_HAS_BODIES

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

#endif  // STRATA_HAS_BODIES

/// Writes what the kernel reads of the node's parameters. folded: room for factor[C] and offset[C], used only if
/// a batch norm is folded.
using Pack = void (*)(const Node&, const float* parameters, const float* buffers, float* folded, float* to);

STRATA_ONCE void pack_nothing(const Node& node, const float* parameters, const float* buffers, float* folded,
                              float* to);
STRATA_ONCE void pack_input(const Node& node, const float* parameters, const float* buffers, float* folded, float* to);
STRATA_ONCE void pack_batch_norm(const Node& node, const float* parameters, const float* buffers, float* folded,
                                 float* to);
STRATA_ONCE void pack_direct(const Node& node, const float* parameters, const float* buffers, float* folded, float* to);
STRATA_ONCE void pack_winograd(const Node& node, const float* parameters, const float* buffers, float* folded,
                               float* to);
STRATA_ONCE void pack_dense(const Node& node, const float* parameters, const float* buffers, float* folded, float* to);

#if STRATA_HAS_BODIES

STRATA_ONCE void pack_nothing(const Node&, const float*, const float*, float*, float*) {}

STRATA_ONCE void pack_input(const Node& node, const float*, const float* buffers, float*, float* to) {
  std::copy_n(buffers + node.buffers, 2 * node.mid.channels, to);
}
STRATA_ONCE void pack_batch_norm(const Node& node, const float* parameters, const float* buffers, float*, float* to) {
  const auto at = [&](int offset) { return offset >= 0 ? parameters + offset : nullptr; };
  fold(at(node.weights), at(node.bias), buffers + node.buffers, nullptr, node.mid.channels, node.epsilon, to);
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

STRATA_ONCE void pack_direct(const Node& node, const float* parameters, const float* buffers, float* folded,
                             float* to) {
  const Weights w(node, parameters, buffers, folded);
  pack_convolution(convolution_of(node), node.window, node.op == Op::convolution_input_gradient, w.weights, w.scale,
                   w.bias, to);
}
STRATA_ONCE void pack_winograd(const Node& node, const float* parameters, const float* buffers, float* folded,
                               float* to) {
  const Weights w(node, parameters, buffers, folded);
  pack_winograd(winograd_of(node), node.op == Op::convolution_input_gradient, w.weights, w.scale, w.bias, to);
}
STRATA_ONCE void pack_dense(const Node& node, const float* parameters, const float* buffers, float* folded, float* to) {
  const Weights w(node, parameters, buffers, folded);
  pack_dense(node, w.weights, w.scale, w.bias, to);
}

#endif  // STRATA_HAS_BODIES

/// One way to compute an op, and the floats that it needs.
struct Kernel {
  Run run;  ///< null: the function is a template, see run_with
  Pack pack = pack_nothing;
  long (*packed)(const Node&) = floats::none;     ///< of the weights in the kernel's layout; 0: reads the parameters
  long (*partial)(const Node&) = floats::none;    ///< of a chunk's partial sum of the node's reduction
  long (*workspace)(const Node&) = floats::none;  ///< that a thread needs privately while the node runs
};

/// Whether this program runs the op, and the kernel of Algorithm::direct.
struct Entry {
  Op op;
  bool supported;
  Kernel kernel{};
};

/// Stands for a function that is a template of the node's functor or pool, or that only some networks need: run_with
/// has it, and compiles it only for these.
inline constexpr Run templated = nullptr;

inline constexpr Kernel direct_convolution{templated, pack_direct, floats::direct_packed, floats::none,
                                           floats::direct_workspace};
inline constexpr Kernel convolution_by_winograd{templated, pack_winograd, floats::winograd_packed, floats::none,
                                                floats::winograd_workspace};

inline constexpr bool supported = true, unsupported = false;
inline constexpr Entry kernel_table[] = {
    {Op::input, supported, {input, pack_input, floats::channels_packed}},
    {Op::convolution, supported, direct_convolution},
    {Op::depthwise_convolution, unsupported},
    {Op::grouped_convolution, unsupported},
    {Op::transposed_convolution, unsupported},
    {Op::dense, supported, {templated, pack_dense, floats::dense_packed}},
    {Op::batch_norm, supported, {templated, pack_batch_norm, floats::channels_packed}},
    {Op::group_statistics, supported, {group_statistics}},
    {Op::group_norm, supported, {templated, pack_shared, floats::shared_packed}},
    {Op::channel_window, supported, {channel_window}},
    {Op::pointwise, supported, {templated}},
    {Op::prelu, supported, {prelu, pack_shared, floats::shared_packed}},
    {Op::max_pool, supported, {max_pool}},
    {Op::average_pool, supported, {average_pool}},
    {Op::adaptive_max_pool, supported, {adaptive_max_pool}},
    {Op::global_average_pool, supported, {global_average_pool}},
    {Op::dropout, supported, {dropout}},
    {Op::softmax, supported, {softmax}},
    {Op::sum, supported, {templated}},
    {Op::concat, supported, {concat}},
    {Op::scale, supported, {scale}},
    {Op::maximum, supported, {larger}},
    {Op::resize, unsupported},
    {Op::resample, supported, {resample}},
    {Op::resize_taps, unsupported},
    {Op::crop, supported, {crop}},
    {Op::broadcast, unsupported},
    {Op::flatten, supported, {flatten}},
    {Op::unflatten, supported, {flatten}},
    {Op::slice, supported, {slice}},
    {Op::pad, supported, {pad}},
    {Op::channel_shuffle, supported, {channel_shuffle}},
    {Op::pixel_shuffle, supported, {pixel_shuffle}},
    {Op::pixel_unshuffle, supported, {pixel_unshuffle}},
    {Op::batch_statistics, supported, {.run = batch_statistics, .partial = floats::statistics}},
    {Op::normalize, supported, {templated}},
    {Op::loss, supported, {.run = loss, .partial = floats::losses, .workspace = loss_workspace}},
    {Op::convolution_input_gradient, supported, direct_convolution},
    {Op::convolution_weight_gradient,
     supported,
     {.run = convolution_weight_gradient,
      .partial = floats::convolution_sums,
      .workspace = floats::weight_gradient_workspace}},
    {Op::depthwise_convolution_input_gradient, unsupported},
    {Op::depthwise_convolution_weight_gradient, unsupported},
    {Op::grouped_convolution_input_gradient, unsupported},
    {Op::grouped_convolution_weight_gradient, unsupported},
    {Op::transposed_convolution_input_gradient, unsupported},
    {Op::transposed_convolution_weight_gradient, unsupported},
    {Op::dense_input_gradient, supported, {dense_input_gradient}},
    {Op::dense_weight_gradient, supported, {.run = dense_weight_gradient, .partial = floats::dense_sums}},
    {Op::normalize_reductions, supported, {.run = templated, .partial = floats::reductions}},
    {Op::normalize_input_gradient, supported, {templated}},
    {Op::group_norm_reductions, supported, {group_norm_reductions, pack_shared, floats::shared_packed}},
    {Op::group_norm_input_gradient, supported, {group_norm_input_gradient, pack_shared, floats::shared_packed}},
    {Op::group_norm_weight_gradient, supported, {.run = group_norm_weight_gradient, .partial = floats::shared_packed}},
    {Op::pointwise_gradient, supported, {templated}},
    {Op::prelu_input_gradient, supported, {prelu_input_gradient, pack_shared, floats::shared_packed}},
    {Op::prelu_weight_gradient, supported, {.run = prelu_weight_gradient, .partial = floats::shared_packed}},
    {Op::max_pool_gradient, supported, {max_pool_gradient}},
    {Op::average_pool_gradient, supported, {average_pool_gradient}},
    {Op::adaptive_max_pool_gradient, supported, {adaptive_max_pool_gradient}},
    {Op::global_average_pool_gradient, supported, {global_average_pool_gradient}},
    {Op::dropout_gradient, supported, {dropout}},
    {Op::softmax_gradient, supported, {softmax_gradient}},
    {Op::scale_gradient, supported, {scale_gradient}},
    {Op::maximum_gradient, supported, {larger_gradient}},
    {Op::resize_gradient, unsupported},
    {Op::resample_gradient, supported, {resample_gradient}},
    {Op::resize_taps_gradient, unsupported},
    {Op::broadcast_gradient, unsupported},
    {Op::pad_gradient, supported, {pad_gradient}},
};

static_assert(graph::is_complete(kernel_table), "strata: the kernels of cpu/lanes are not one per Op, in its order");

inline constexpr Alternative<Algorithm, Kernel> alternatives[] = {
    {Op::convolution, Algorithm::winograd, convolution_by_winograd},
    {Op::convolution_input_gradient, Algorithm::winograd, convolution_by_winograd},
    {Op::convolution,
     Algorithm::measured,
     {measured_convolution, pack_direct, floats::direct_packed, floats::none, floats::direct_workspace}},
    {Op::batch_statistics, Algorithm::measured, {.run = already_measured, .partial = floats::statistics}},
};

constexpr bool supports(Op op) { return kernel_table[int(op)].supported; }

/// Whether this program can run the plan.
template <class Plan>
constexpr bool supports(const Plan& plan) {
  for (int i = 0; i < plan.count; i++)
    if (!supports(plan.nodes[i].op)) return false;
  return true;
}

/// The kernel that computes a supported op by an algorithm. There must be one.
constexpr const Kernel& kernel_of(Op op, Algorithm algorithm) {
  return algorithm == Algorithm::direct ? kernel_table[int(op)].kernel : alternative(alternatives, op, algorithm);
}

/// The functions that are templates. F: the node's functor, or `nothing`; P: the pool after it.
template <Op, Algorithm, class F, Pooling P>
inline constexpr Run run_with = nullptr;
template <class F, Pooling P>
inline constexpr Run run_with<Op::convolution, Algorithm::direct, F, P> = &convolution<F>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::convolution, Algorithm::winograd, F, P> = &winograd_convolution<F>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::dense, Algorithm::direct, F, P> = &dense<F>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::batch_norm, Algorithm::direct, F, P> = &batch_norm<F>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::group_norm, Algorithm::direct, F, P> = &group_norm<F>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::pointwise, Algorithm::direct, F, P> = &pointwise<F>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::sum, Algorithm::direct, F, P> = &sum<F>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::normalize, Algorithm::direct, F, P> = &normalize<F, P>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::convolution_input_gradient, Algorithm::direct, F, P> = &convolution<nothing>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::convolution_input_gradient, Algorithm::winograd, F, P> =
    &winograd_convolution<nothing>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::normalize_reductions, Algorithm::direct, F, P> = &normalize_reductions<F, P>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::normalize_input_gradient, Algorithm::direct, F, P> = &normalize_input_gradient<F, P>;
template <class F, Pooling P>
inline constexpr Run run_with<Op::pointwise_gradient, Algorithm::direct, F, P> = &pointwise_gradient<F>;

/// The function that computes a supported op.
template <Op O, Algorithm A, class F, Pooling P>
constexpr Run run_of() {
  constexpr Run run = kernel_of(O, A).run;
  if constexpr (run != templated) return run;
  else {
    static_assert(run_with<O, A, F, P> != nullptr,
                  "strata: cpu/lanes says that it supports an op, but has no kernel for it");
    return run_with<O, A, F, P>;
  }
}

}  // namespace strata::cpu::lanes

// SPDX-License-Identifier: MIT
// The table of contents: for each op and each of its algorithms the function that runs it, how its weights are packed
// and what memory it needs.
// Programs look it up while they are compiled, so that a program links only the kernels that its nodes use.
#pragma once

#include <strata/cpu/choices.hpp>
#include <strata/cpu/nhwc/algorithm.hpp>
#include <strata/cpu/nhwc/channel_window.hpp>
#include <strata/cpu/nhwc/depthwise_weight_gradient.hpp>
#include <strata/cpu/nhwc/elementwise.hpp>
#include <strata/cpu/nhwc/group_norm.hpp>
#include <strata/cpu/nhwc/loss.hpp>
#include <strata/cpu/nhwc/maximum.hpp>
#include <strata/cpu/nhwc/packing.hpp>
#include <strata/cpu/nhwc/pools.hpp>
#include <strata/cpu/nhwc/prelu.hpp>
#include <strata/cpu/nhwc/rearrange.hpp>
#include <strata/cpu/nhwc/resample.hpp>
#include <strata/cpu/nhwc/resize_taps.hpp>
#include <strata/cpu/nhwc/scale.hpp>
#include <strata/cpu/nhwc/softmax.hpp>
#include <strata/cpu/nhwc/winograd_weight_gradient.hpp>
#include <strata/graph/op_traits.hpp>

namespace strata::cpu::nhwc {

using Run = void (*)(const Call&, core::Team&);

namespace floats {

constexpr long none(const Node&) { return 0; }

constexpr long direct_packed(const Node& n) { return whole_lines(sliding_of(n).packed_floats()); }
constexpr long winograd_packed(const Node& n) { return whole_lines(winograd_of(n).packed_floats()); }
constexpr long winograd_workspace(const Node& n) {
  return winograd_of(n).workspace_floats() + prologue_floats(n, n.in.channels);
}
constexpr long winograd_sums(const Node& n) {
  return winograd_weight_gradient_of(n).partial_floats() + prologue_floats(n, n.in.channels);
}
constexpr long depthwise_packed(const Node& n) { return whole_lines((n.window.taps() + 1L) * n.mid.channels); }
constexpr long depthwise_gradient_packed(const Node& n) { return whole_lines((n.window.taps() + 1L) * n.in.channels); }
constexpr long dense_packed(const Node& n) { return dense_packed_floats(n.in.size(), int(n.out.size())); }
constexpr long dense_gradient_packed(const Node& n) { return dense_packed_floats(n.out.size(), int(n.in.size())); }
constexpr long dense_inputs(const Node& n) { return whole_lines(n.in.size()); }
constexpr long batch_norm_packed(const Node& n) { return 2 * whole_lines(n.in.channels); }
constexpr long statistics(const Node& n) { return partial_sums_floats(n.in.channels); }
constexpr long statistics_workspace(const Node& n) { return 2 * whole_lines(n.in.channels); }
constexpr long reductions(const Node& n) { return partial_sums_floats(n.mid.channels); }
constexpr long losses(const Node&) { return loss_partial_floats(); }
constexpr long resize_row(const Node& n) { return whole_lines(long(n.in.width) * n.in.channels); }

}  // namespace floats

/// One way to compute an op, and the floats that it needs.
struct Kernel {
  Run run;
  Pack pack = pack_nothing;
  long (*packed)(const Node&) = floats::none;     ///< of the packed weights
  long (*partial)(const Node&) = floats::none;    ///< shared by all threads while the node runs
  long (*workspace)(const Node&) = floats::none;  ///< of each thread while the node runs
};

inline constexpr Kernel direct_convolution{convolution, pack_direct, floats::direct_packed, floats::none,
                                           convolution_workspace};
inline constexpr Kernel convolution_by_winograd{winograd_convolution, pack_winograd, floats::winograd_packed,
                                                floats::none, floats::winograd_workspace};
inline constexpr Kernel direct_weight_gradient{
    .run = convolution_weight_gradient, .partial = weight_gradient_partial<>, .workspace = weight_gradient_workspace<>};

/// The kernel of Algorithm::direct.
struct Entry {
  Op op;
  Kernel kernel;
};
inline constexpr Entry kernel_table[] = {
    {Op::input, {input}},
    {Op::convolution, direct_convolution},
    {Op::depthwise_convolution, {depthwise_convolution, pack_depthwise, floats::depthwise_packed}},
    {Op::grouped_convolution, direct_convolution},
    {Op::transposed_convolution, direct_convolution},
    {Op::dense, {dense, pack_dense, floats::dense_packed}},
    {Op::batch_norm, {batch_norm, pack_batch_norm, floats::batch_norm_packed}},
    {Op::group_statistics, {.run = group_statistics, .workspace = group_sums}},
    {Op::group_norm, {.run = group_norm, .pack = pack_shared, .packed = shared_packed, .workspace = group_numbers}},
    {Op::channel_window, {channel_window}},
    {Op::pointwise, {pointwise}},
    {Op::prelu, {prelu, pack_shared, shared_packed}},
    {Op::max_pool, {max_pool}},
    {Op::average_pool, {average_pool}},
    {Op::adaptive_max_pool, {adaptive_max_pool}},
    {Op::global_average_pool, {global_average_pool}},
    {Op::dropout, {dropout}},
    {Op::softmax, {.run = softmax, .workspace = softmax_workspace}},
    {Op::sum, {sum}},
    {Op::concat, {concat}},
    {Op::scale, {scale}},
    {Op::maximum, {larger}},
    {Op::resize, {.run = resize, .workspace = floats::resize_row}},
    {Op::resample, {.run = resample, .workspace = floats::resize_row}},
    {Op::resize_taps, {.run = resize_taps, .workspace = resize_taps_workspace}},
    {Op::crop, {crop}},
    {Op::broadcast, {broadcast}},
    {Op::flatten, {flatten}},
    {Op::unflatten, {unflatten}},
    {Op::slice, {slice}},
    {Op::pad, {pad}},
    {Op::channel_shuffle, {channel_shuffle}},
    {Op::pixel_shuffle, {pixel_shuffle}},
    {Op::pixel_unshuffle, {pixel_unshuffle}},
    {Op::batch_statistics,
     {.run = batch_statistics, .partial = floats::statistics, .workspace = floats::statistics_workspace}},
    {Op::normalize, {.run = normalize, .workspace = normalize_workspace}},
    {Op::loss, {.run = loss, .partial = floats::losses, .workspace = loss_workspace}},
    {Op::convolution_input_gradient, direct_convolution},
    {Op::convolution_weight_gradient, direct_weight_gradient},
    {Op::depthwise_convolution_input_gradient,
     {depthwise_convolution_input_gradient, pack_depthwise, floats::depthwise_gradient_packed}},
    {Op::depthwise_convolution_weight_gradient,
     {.run = depthwise_convolution_weight_gradient, .workspace = depthwise_sums}},
    {Op::grouped_convolution_input_gradient, direct_convolution},
    {Op::grouped_convolution_weight_gradient, direct_weight_gradient},
    {Op::transposed_convolution_input_gradient, direct_convolution},
    {Op::transposed_convolution_weight_gradient, direct_weight_gradient},
    {Op::dense_input_gradient, {dense_input_gradient, pack_dense, floats::dense_gradient_packed}},
    {Op::dense_weight_gradient, {.run = dense_weight_gradient, .workspace = floats::dense_inputs}},
    {Op::normalize_reductions,
     {.run = normalize_reductions, .partial = floats::reductions, .workspace = normalize_workspace}},
    {Op::normalize_input_gradient, {.run = normalize_input_gradient, .workspace = normalize_workspace}},
    {Op::group_norm_reductions,
     {.run = group_norm_reductions,
      .pack = pack_shared,
      .packed = shared_packed,
      .workspace = group_reduction_workspace}},
    {Op::group_norm_input_gradient,
     {.run = group_norm_input_gradient, .pack = pack_shared, .packed = shared_packed, .workspace = group_numbers}},
    {Op::group_norm_weight_gradient,
     {.run = group_norm_weight_gradient, .partial = shared_partial, .workspace = group_gradient_workspace}},
    {Op::pointwise_gradient, {pointwise_gradient}},
    {Op::prelu_input_gradient, {prelu_input_gradient, pack_shared, shared_packed}},
    {Op::prelu_weight_gradient, {.run = prelu_weight_gradient, .partial = shared_partial, .workspace = shared_sums}},
    {Op::max_pool_gradient, {max_pool_gradient}},
    {Op::average_pool_gradient, {average_pool_gradient}},
    {Op::adaptive_max_pool_gradient, {adaptive_max_pool_gradient}},
    {Op::global_average_pool_gradient, {global_average_pool_gradient}},
    {Op::dropout_gradient, {dropout}},
    {Op::softmax_gradient, {softmax_gradient}},
    {Op::scale_gradient, {scale_gradient}},
    {Op::maximum_gradient, {larger_gradient}},
    {Op::resize_gradient, {resize_gradient}},
    {Op::resample_gradient, {resample_gradient}},
    {Op::resize_taps_gradient, {.run = resize_taps_gradient, .workspace = resize_taps_workspace}},
    {Op::broadcast_gradient, {broadcast_gradient}},
    {Op::pad_gradient, {pad_gradient}},
};

static_assert(graph::is_complete(kernel_table), "strata: the kernels of cpu/nhwc are not one per Op, in its order");

inline constexpr Alternative<Algorithm, Kernel> alternatives[] = {
    {Op::convolution, Algorithm::winograd, convolution_by_winograd},
    {Op::convolution_input_gradient, Algorithm::winograd, convolution_by_winograd},
    {Op::convolution_weight_gradient,
     Algorithm::winograd,
     {.run = winograd_weight_gradient, .partial = floats::winograd_sums}},
    {Op::convolution_weight_gradient,
     Algorithm::swapped,
     {.run = swapped_weight_gradient,
      .partial = weight_gradient_partial<true>,
      .workspace = weight_gradient_workspace<true>}},
};

/// The general kernel that computes an op by an algorithm. There must be one.
constexpr const Kernel& kernel_of(Op op, Algorithm algorithm) {
  return algorithm == Algorithm::direct ? kernel_table[int(op)].kernel : alternative(alternatives, op, algorithm);
}

}  // namespace strata::cpu::nhwc

// SPDX-License-Identifier: MIT
// The table of contents: for each op the library's own kernel and its workspace. cuDNN computes products.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cuda/kernels/adaptive_pools.hpp>
#include <strata/cuda/kernels/any_loss.hpp>
#include <strata/cuda/kernels/channel_window.hpp>
#include <strata/cuda/kernels/group_norm.hpp>
#include <strata/cuda/kernels/image_sums.hpp>
#include <strata/cuda/kernels/maximum.hpp>
#include <strata/cuda/kernels/moves.hpp>
#include <strata/cuda/kernels/normalize.hpp>
#include <strata/cuda/kernels/prelu.hpp>
#include <strata/cuda/kernels/resample.hpp>
#include <strata/cuda/kernels/scale.hpp>
#include <strata/graph/op_traits.hpp>

namespace strata::cuda::kernels {

namespace workspace {

inline long none(const Node&, Element, int) { return 0; }
inline long statistics(const Node& node, Element, int batch) { return channel_sums_bytes(node.in, batch); }
inline long dz(const Node& node, Element element, int batch) {
  WorkspaceAllocator allocator;
  if (stores_dz(node)) DzWorkspace{allocator, node, element, batch};
  return allocator.bytes();
}
inline long reductions(const Node& node, Element element, int batch) {
  WorkspaceAllocator allocator;
  ReductionsWorkspace{allocator, node, batch};
  return allocator.bytes() + dz(node, element, batch);
}
inline long winners(const Node& node, Element, int batch) {
  WorkspaceAllocator allocator;
  take_winners(allocator, node.window, node.in, batch);
  return allocator.bytes();
}
inline long adaptive_winners(const Node& node, Element, int batch) {
  WorkspaceAllocator allocator;
  take_adaptive_winners(allocator, node.in, batch);
  return allocator.bytes();
}
inline long image_sums(const Node& node, Element, int batch) {
  WorkspaceAllocator allocator;
  take_image_sums(allocator, node, batch);
  return allocator.bytes();
}
inline long group_parts(const Node& node, Element, int batch) { return group_norm_bytes(node, batch); }
inline long shared_sums(const Node& node, Element, int batch) { return shared_sums_bytes(node, batch); }
inline long losses(const Node& node, Element, int batch) {
  WorkspaceAllocator allocator;
  LossWorkspace{allocator, node, batch};
  return allocator.bytes();
}

}  // namespace workspace

/// Of products, which cuDNN computes, and of ops that no plan for a GPU contains.
inline void no_kernel(const Call& call) {
  throw Error("run_kernel: ", graph::name(call.node->op), " has no kernel in strata; cuDNN computes products");
}

inline void max_pool_of_node(const Call& call) {
  const Node& node = *call.node;
  max_pool(call, {}, node.window, node.in, call.inputs[Input::x], nullptr, false, call.output);
}
inline void max_pool_gradient_of_node(const Call& call) {
  const Node& node = *call.node;
  max_pool_gradient(call, {}, node.window, node.out, node.in, call.inputs[Input::dy], call.inputs[Input::x], false,
                    call.workspace, call.output);
}
inline void mean_of_images(const Call& call) { sum_images(call, float(call.node->in.pixels())); }
inline void sum_of_images(const Call& call) { sum_images(call, 1); }
inline void mean_to_pixels(const Call& call) { broadcast(call, 1 / float(call.node->out.pixels())); }
inline void copy_to_pixels(const Call& call) { broadcast(call, 1); }

struct Entry {
  graph::Op op;
  void (*run)(const Call&);
  long (*workspace_bytes)(const Node&, Element, int batch) = workspace::none;
};

inline constexpr Entry kernel_table[] = {
    {graph::Op::input, input},
    {graph::Op::convolution, no_kernel},
    {graph::Op::depthwise_convolution, no_kernel},
    {graph::Op::grouped_convolution, no_kernel},
    {graph::Op::transposed_convolution, no_kernel},
    {graph::Op::dense, no_kernel},
    {graph::Op::batch_norm, batch_norm, epilogue_bytes},
    {graph::Op::group_statistics, group_statistics, workspace::group_parts},
    {graph::Op::group_norm, group_norm},
    {graph::Op::channel_window, channel_window},
    {graph::Op::pointwise, pointwise},
    {graph::Op::prelu, prelu},
    {graph::Op::max_pool, max_pool_of_node},
    {graph::Op::average_pool, average_pool},
    {graph::Op::adaptive_max_pool, adaptive_max_pool},
    {graph::Op::global_average_pool, mean_of_images, workspace::image_sums},
    {graph::Op::dropout, dropout},
    {graph::Op::softmax, softmax},
    {graph::Op::sum, sum},
    {graph::Op::concat, concat},
    {graph::Op::scale, scale},
    {graph::Op::maximum, larger},
    {graph::Op::resize, resize},
    {graph::Op::resample, resample},
    {graph::Op::resize_taps, no_kernel},
    {graph::Op::crop, crop},
    {graph::Op::broadcast, copy_to_pixels},
    {graph::Op::flatten, flatten<false>},
    {graph::Op::unflatten, flatten<true>},
    {graph::Op::slice, slice},
    {graph::Op::pad, pad},
    {graph::Op::channel_shuffle, channel_shuffle},
    {graph::Op::pixel_shuffle, pixel_shuffle<false>},
    {graph::Op::pixel_unshuffle, pixel_shuffle<true>},
    {graph::Op::batch_statistics, batch_statistics, workspace::statistics},
    {graph::Op::normalize, normalize, epilogue_bytes},
    {graph::Op::loss, loss, workspace::losses},
    {graph::Op::convolution_input_gradient, no_kernel},
    {graph::Op::convolution_weight_gradient, no_kernel},
    {graph::Op::depthwise_convolution_input_gradient, no_kernel},
    {graph::Op::depthwise_convolution_weight_gradient, no_kernel},
    {graph::Op::grouped_convolution_input_gradient, no_kernel},
    {graph::Op::grouped_convolution_weight_gradient, no_kernel},
    {graph::Op::transposed_convolution_input_gradient, no_kernel},
    {graph::Op::transposed_convolution_weight_gradient, no_kernel},
    {graph::Op::dense_input_gradient, no_kernel},
    {graph::Op::dense_weight_gradient, no_kernel},
    {graph::Op::normalize_reductions, normalize_reductions, workspace::reductions},
    {graph::Op::normalize_input_gradient, normalize_input_gradient, workspace::dz},
    {graph::Op::group_norm_reductions, group_norm_reductions, workspace::group_parts},
    {graph::Op::group_norm_input_gradient, group_norm_input_gradient},
    {graph::Op::group_norm_weight_gradient, group_norm_weight_gradient, workspace::shared_sums},
    {graph::Op::pointwise_gradient, pointwise_gradient},
    {graph::Op::prelu_input_gradient, prelu_input_gradient},
    {graph::Op::prelu_weight_gradient, prelu_weight_gradient, workspace::shared_sums},
    {graph::Op::max_pool_gradient, max_pool_gradient_of_node, workspace::winners},
    {graph::Op::average_pool_gradient, average_pool_gradient},
    {graph::Op::adaptive_max_pool_gradient, adaptive_max_pool_gradient, workspace::adaptive_winners},
    {graph::Op::global_average_pool_gradient, mean_to_pixels},
    {graph::Op::dropout_gradient, dropout},
    {graph::Op::softmax_gradient, softmax_gradient},
    {graph::Op::scale_gradient, scale_gradient, workspace::image_sums},
    {graph::Op::maximum_gradient, larger_gradient},
    {graph::Op::resize_gradient, resize_gradient},
    {graph::Op::resample_gradient, resample_gradient},
    {graph::Op::resize_taps_gradient, no_kernel},
    {graph::Op::broadcast_gradient, sum_of_images, workspace::image_sums},
    {graph::Op::pad_gradient, pad_gradient},
};

static_assert(graph::is_complete(kernel_table), "strata: the kernels of cuda are not one per Op, in its order");

inline const Entry& entry_of(const Node& node) { return kernel_table[int(node.op)]; }

}  // namespace strata::cuda::kernels

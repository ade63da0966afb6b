// SPDX-License-Identifier: MIT
// What follows a product or a batch norm within a node, and the batch norm that precedes a product: for nodes whose
// epilogue or prologue cuDNN does not fuse into its graph.
#pragma once

#include <strata/cuda/kernels/functors.hpp>
#include <strata/cuda/kernels/pools.hpp>

namespace strata::cuda::kernels {

/// Workspace bytes of epilogue(). A functor other than ReLU runs over stored values: over y or, if a pool follows, over
/// the workspace.
inline long epilogue_bytes(const Node& node, Element e, int batch) {
  WorkspaceAllocator allocator;
  if (node.pools && has_custom_functor(node)) allocator.take_map(node.mid, e, batch);
  return allocator.bytes();
}
/// y = pool(f(map(x) + other)) for maps of shape node.mid and any functor f.
inline void epilogue(const Call& call, const char* name, const ChannelNumbers& numbers, const void* x,
                     const void* other) {
  const Node& node = *call.node;
  if (node.pools && !has_custom_functor(node))
    return max_pool(call, numbers, node.pool, node.mid, x, other, is_relu(node), call.output);
  void* const z = node.pools ? call.workspace : call.output;
  affine(call, name, numbers, node.mid, x, other, is_relu(node), z);
  if (has_custom_functor(node)) custom_functor(call).apply(call, z, call.batch * node.mid.size());
  if (node.pools) max_pool(call, {}, node.pool, node.mid, z, nullptr, false, call.output);
}

inline const void* residual(const Call& call) {
  return call.node->adds ? call.inputs[call.node->input_count - 1] : nullptr;
}

/// to = f(norm(x)), the batch norm before the node, f being ReLU or the identity; the statistics are the node's last
/// input.
inline void prologue(const Call& call, void* to) {
  const Node& node = *call.node;
  const ChannelNumbers numbers = by_statistics(call.parameter(node.norm_scale), call.parameter(node.norm_shift),
                                               call.inputs[node.input_count - 1], node.in.channels);
  affine(call, "prologue", numbers, node.in, call.inputs[0], nullptr, node.prologue == graph::Prologue::affine_relu,
         to);
}

}  // namespace strata::cuda::kernels

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
  if (node.epilogue.pools && has_custom_functor(node)) allocator.take_map(node.mid, e, batch);
  return allocator.bytes();
}
/// y = pool(f(map(x) + residual)) for maps of shape node.mid and any functor f.
inline void epilogue(const Call& call, const char* name, const ChannelNumbers& numbers, const void* x) {
  const Node& node = *call.node;
  const void* const residual = call.inputs[Input::residual];
  if (node.epilogue.pools && !has_custom_functor(node))
    return max_pool(call, numbers, node.epilogue.pool, node.mid, x, residual, is_relu(node), call.output);
  void* const z = node.epilogue.pools ? call.workspace : call.output;
  affine(call, name, numbers, node.mid, x, residual, is_relu(node), z);
  if (has_custom_functor(node)) custom_functor(call).apply(call, z, call.batch * node.mid.size());
  if (node.epilogue.pools) max_pool(call, {}, node.epilogue.pool, node.mid, z, nullptr, false, call.output);
}

/// to = f(norm(x)), the batch norm before the node, f being ReLU or the identity.
inline void prologue(const Call& call, void* to) {
  const Node& node = *call.node;
  const ChannelNumbers numbers = by_statistics(call.parameter(node.prologue.scale), call.parameter(node.prologue.shift),
                                               call.inputs[Input::statistics], node.in.channels);
  affine(call, "prologue", numbers, node.in, call.inputs[Input::x], nullptr,
         node.prologue.kind == graph::Prologue::affine_relu, to);
}

}  // namespace strata::cuda::kernels

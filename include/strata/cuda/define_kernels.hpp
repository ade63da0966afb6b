// SPDX-License-Identifier: MIT
// The definitions of own_kernels.hpp and parameter_kernels.hpp. Exactly one file of a program includes this: a .cu or,
// in tests, a .cpp, whose kernels then run on the CPU.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cuda/kernels/change.hpp>
#include <strata/cuda/kernels/graph_coefficients.hpp>
#include <strata/cuda/kernels/image_sums.hpp>
#include <strata/cuda/kernels/loss.hpp>
#include <strata/cuda/kernels/moves.hpp>
#include <strata/cuda/kernels/normalize.hpp>
#include <strata/cuda/kernels/parameters.hpp>
#include <strata/cuda/kernels/update.hpp>
#include <strata/cuda/own_kernels.hpp>

namespace strata::cuda {

long workspace_bytes(const Node& node, Element element, int batch) {
  using namespace kernels;
  WorkspaceAllocator allocator;
  switch (node.op) {
    case Op::batch_norm:
    case Op::normalize: return epilogue_bytes(node, element, batch);
    case Op::batch_statistics: return channel_sums_bytes(node.in, batch);
    case Op::normalize_reductions: ReductionsWorkspace{allocator, node, batch}; [[fallthrough]];
    case Op::normalize_input_gradient:
      if (stores_dz(node)) DzWorkspace{allocator, node, element, batch};
      break;
    case Op::max_pool_gradient: take_winners(allocator, node.window, node.in, batch); break;
    case Op::global_average_pool:
    case Op::broadcast_gradient: take_image_sums(allocator, node, batch); break;
    case Op::loss: LossWorkspace{allocator, node, batch}; break;
    default: break;
  }
  return allocator.bytes();
}

void run_kernel(const Call& call) {
  using namespace kernels;
  const Node& node = *call.node;
  switch (node.op) {
    case Op::input: return input(call);
    case Op::batch_norm: return batch_norm(call);
    case Op::pointwise: return pointwise(call);
    case Op::pointwise_gradient: return pointwise_gradient(call);
    case Op::max_pool: return max_pool(call, {}, node.window, node.in, call.inputs[0], nullptr, false, call.output);
    case Op::max_pool_gradient:
      return max_pool_gradient(call, {}, node.window, node.out, node.in, call.inputs[0], call.inputs[1], false, call.workspace,
                               call.output);
    case Op::average_pool: return average_pool(call);
    case Op::average_pool_gradient: return average_pool_gradient(call);
    case Op::global_average_pool: return sum_images(call, float(node.in.pixels()));
    case Op::global_average_pool_gradient: return broadcast(call, 1 / float(node.out.pixels()));
    case Op::broadcast: return broadcast(call, 1);
    case Op::broadcast_gradient: return sum_images(call, 1);
    case Op::dropout:
    case Op::dropout_gradient: return dropout(call);
    case Op::softmax: return softmax(call);
    case Op::softmax_gradient: return softmax_gradient(call);
    case Op::sum: return sum(call);
    case Op::concat: return concat(call);
    case Op::concat_gradient: return concat_gradient(call);
    case Op::resize: return resize(call);
    case Op::resize_gradient: return resize_gradient(call);
    case Op::crop: return crop(call);
    case Op::crop_gradient: return crop_gradient(call);
    case Op::flatten: return flatten<false>(call);
    case Op::flatten_gradient: return flatten<true>(call);
    case Op::batch_statistics: return batch_statistics(call);
    case Op::normalize: return normalize(call);
    case Op::normalize_reductions: return normalize_reductions(call);
    case Op::normalize_input_gradient: return normalize_input_gradient(call);
    case Op::loss: return loss(call);
    default:
      throw Error("run_kernel: ", graph::name(node.op), " has no kernel in strata; cuDNN computes products");
  }
}

void run_epilogue(const Call& call, const void* product, const ChannelNumbers& numbers) {
  kernels::epilogue(call, "epilogue", numbers, product, kernels::residual(call));
}
long epilogue_workspace_bytes(const Node& node, Element element, int batch) { return kernels::epilogue_bytes(node, element, batch); }
void run_prologue(const Call& call, void* to) { kernels::prologue(call, to); }
void run_prologue_coefficients(const Call& call, void* scale, void* shift) { kernels::prologue_coefficients(call, scale, shift); }
void run_join(const Call& call, const void* product) { kernels::join(call, product); }
void run_keep_reductions(const Call& call) { kernels::keep_reductions(call); }
void run_finish_statistics(const Call& call, const float* sums, const float* squares) { kernels::finish_statistics(call, sums, squares); }
void run_bias_gradient(const Call& call) {
  kernels::channel_sums(call, call.inputs[1], call.node->out, call.gradient(call.node->bias));
}
long bias_gradient_workspace_bytes(const Node& node, int batch) { return kernels::channel_sums_bytes(node.out, batch); }

void run_augment_batch(const AugmentBatch& change) {
  const long pixels = long(change.batch) * change.shape.pixels();
  for_each(change.stream, "augment_batch", pixels, kernels::AugmentPixel(change));
}

void run_copy_weights(Stream stream, Element element, long floats, const float* from, void* to) {
  with_element(element, [&](auto zero) {
    using T = decltype(zero);
    for_each(stream, "copy_weights", floats, kernels::CopyWeights<T>{from, static_cast<T*>(to)});
  });
}

void run_widen(Stream stream, Element element, long floats, const void* from, float* to) {
  with_element(element, [&](auto zero) {
    using T = decltype(zero);
    for_each(stream, "widen", floats, kernels::Widen<T>{static_cast<const T*>(from), to});
  });
}
void run_add(Stream stream, long floats, const float* from, float* to) {
  for_each(stream, "add", floats, kernels::Add{from, to});
}

long update_workspace_bytes(int chunks, int tensors) {
  kernels::WorkspaceAllocator allocator;
  kernels::UpdateWorkspace{allocator, chunks, tensors};
  return allocator.bytes();
}
void run_update(const ParameterUpdate& update) {
  kernels::WorkspaceAllocator allocator(update.workspace);
  const kernels::UpdateWorkspace workspace(allocator, update.chunk_count, update.tensors);
  switch (update.kind) {
    case UpdateFormula::Kind::sgd: return kernels::update<UpdateFormula::Kind::sgd>(update, workspace);
    case UpdateFormula::Kind::adam: return kernels::update<UpdateFormula::Kind::adam>(update, workspace);
    case UpdateFormula::Kind::own: break;
  }
  throw Error("run_update: a user-defined optimizer has no formula for the GPU; train with Sgd, Adam, AdamW or Lamb, or on the CPU");
}

}  // namespace strata::cuda

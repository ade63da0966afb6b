// SPDX-License-Identifier: MIT
// The definitions of own_kernels.hpp and parameter_kernels.hpp. Exactly one file of a program includes this: a .cu or,
// in tests, a .cpp, whose kernels then run on the CPU.
#pragma once

#include <strata/core/error.hpp>
#include <strata/cuda/kernels/graph_coefficients.hpp>
#include <strata/cuda/kernels/image_transform.hpp>
#include <strata/cuda/kernels/kernel_table.hpp>
#include <strata/cuda/kernels/own_kernels.hpp>
#include <strata/cuda/kernels/parameters.hpp>
#include <strata/cuda/kernels/tally.hpp>
#include <strata/cuda/kernels/update.hpp>

namespace strata::cuda {

long workspace_bytes(const Node& node, Element element, int batch) {
  return kernels::entry_of(node).workspace_bytes(node, element, batch);
}

void run_kernel(const Call& call) { kernels::entry_of(*call.node).run(call); }

void run_epilogue(const Call& call, const void* product, const ChannelNumbers& numbers) {
  kernels::epilogue(call, "epilogue", numbers, product);
}
long epilogue_workspace_bytes(const Node& node, Element element, int batch) {
  return kernels::epilogue_bytes(node, element, batch);
}
void run_functor(const Call& call) {
  kernels::custom_functor(call).apply(call, call.output, call.batch * call.node->out.size());
}
void run_prologue(const Call& call, void* to) { kernels::prologue(call, to); }
void run_prologue_coefficients(const Call& call, void* scale, void* shift) {
  kernels::prologue_coefficients(call, scale, shift);
}
void run_join(const Call& call, const void* product) { kernels::join(call, product); }
void run_keep_reductions(const Call& call) { kernels::keep_reductions(call); }
void run_finish_statistics(const Call& call, const float* sums, const float* squares) {
  kernels::finish_statistics(call, sums, squares);
}
void run_bias_gradient(const Call& call) {
  kernels::channel_sums(call, call.inputs[Input::dy], call.node->out, call.gradient(call.node->bias));
}
long bias_gradient_workspace_bytes(const Node& node, int batch) { return kernels::channel_sums_bytes(node.out, batch); }

void run_augment_batch(const AugmentBatch& change) {
  const long pixels = long(change.batch) * change.shape.pixels();
  if (change.labels_are_bytes)
    for_each(change.stream, "augment_batch", pixels, kernels::AugmentPixel<std::uint8_t>(change));
  else for_each(change.stream, "augment_batch", pixels, kernels::AugmentPixel<std::int32_t>(change));
}

long tally_workspace_bytes(Shape scores) {
  kernels::WorkspaceAllocator allocator;
  const kernels::TallyWorkspace workspace(allocator, scores.channels);
  return allocator.bytes();
}
void run_tally(const TallyBatch& tally) { kernels::tally(tally); }

void run_copy_weights(Stream stream, Element element, long floats, const float* from, void* to) {
  with_element(element, [&](auto zero) {
    using T = decltype(zero);
    for_each(stream, "copy_weights", floats, kernels::CopyWeights<T>{from, static_cast<T*>(to)});
  });
}

void run_choose_numbers(Stream stream, const TurnNumbers* of_change, const UpdateOutcome* outcome, TurnNumbers* to) {
  for_each(stream, "choose_numbers", 1, kernels::ChooseNumbers{of_change, outcome, to});
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

void run_move_average(Stream stream, float weight, long floats, const float* now, float* average) {
  for_each(stream, "move_average", floats, kernels::MoveAverage{weight, now, average});
}

long update_workspace_bytes(int chunks, int tensors) {
  kernels::WorkspaceAllocator allocator;
  kernels::UpdateWorkspace{allocator, chunks, tensors};
  return allocator.bytes();
}
void run_update(const ParameterUpdate& update) {
  kernels::WorkspaceAllocator allocator(update.workspace);
  const kernels::UpdateWorkspace workspace(allocator, update.chunk_count, update.tensors);
  using Kind = core::UpdateFormula::Kind;
  switch (update.kind) {
    case Kind::sgd: return kernels::update<Kind::sgd>(update, workspace);
    case Kind::adam: return kernels::update<Kind::adam>(update, workspace);
    case Kind::rmsprop: return kernels::update<Kind::rmsprop>(update, workspace);
    case Kind::adagrad: return kernels::update<Kind::adagrad>(update, workspace);
    case Kind::lion: return kernels::update<Kind::lion>(update, workspace);
    case Kind::own: break;
  }
  throw Error(
      "run_update: a user-defined optimizer has no formula for the GPU; train with one of the library's, or on the CPU");
}

}  // namespace strata::cuda

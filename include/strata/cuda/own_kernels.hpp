// SPDX-License-Identifier: MIT
// The library's own kernels: every operation that cuDNN does not do. Only declarations, for any file; the definitions stand in
// define_kernels.hpp, which one file of a program includes.
#pragma once

#include <strata/core/change.hpp>
#include <strata/cuda/channel_numbers.hpp>

namespace strata::cuda {

/// Of run_kernel: what Call::workspace has to hold.
long workspace_bytes(const Node& node, Element element, int batch);
/// Launches what a node does that is no product. All of its output is written; loss overwrites *call.sums, batch_statistics moves the running
/// statistics where they are not kept, normalize_reductions overwrites the gradients of scale and shift.
void run_kernel(const Call& call);

// --- around the products of cuDNN
/// output = pool(f(product + residual)), product: of shape node.mid, numbers applied to it (channel_numbers.hpp). Without a
/// pool product may be the output.
void run_epilogue(const Call& call, const void* product, const ChannelNumbers& numbers);
long epilogue_workspace_bytes(const Node& node, Element element, int batch);
/// to = the batch norm (and ReLU) that node.prologue asks for, of inputs[0].
void run_prologue(const Call& call, void* to);
/// The same batch norm for a graph that does it while it reads: scale[C] x + shift[C], in prologue_element(call.element).
void run_prologue_coefficients(const Call& call, void* scale, void* shift);
/// output = product + inputs[1] if node.adds, then 0 where the last input is not positive if the node has ReLU's functor: what
/// meets the gradient of an input (graph/join_gradients.hpp). product may be the output.
void run_join(const Call& call, const void* product);
/// The value of the node normalize_reductions, which a graph has made, as the gradients of scale and shift.
void run_keep_reductions(const Call& call);
/// The node batch_statistics from the sums that a graph made of its input: sums[C] of x, squares[C] of x^2.
void run_finish_statistics(const Call& call, const float* sums, const float* squares);
/// The gradient of node.bias from dy = inputs[1] of a weight gradient.
void run_bias_gradient(const Call& call);
long bias_gradient_workspace_bytes(const Node& node, int batch);

// --- before the program
/// A change (core/change.hpp) as the device reads it: sources of rows[height] and columns[width], tones[256], outside.
constexpr long change_recipe_bytes(Shape picture) { return 4L * (picture.height + picture.width) + 256 + long(sizeof(Outside)); }
inline void write_change_recipe(const Change& change, Shape picture, unsigned char* to) {
  auto* const rows = reinterpret_cast<std::int32_t*>(to);
  fill_sources(change, picture.height, picture.width, rows, rows + picture.height);
  unsigned char* const tones = to + 4L * (picture.height + picture.width);
  fill_tones(change, tones);
  std::copy(change.outside.begin(), change.outside.end(), tones + 256);
}

/// A batch of pictures and labels, each changed by its recipe; all in device memory.
struct ChangePictures {
  Stream stream = nullptr;
  int batch = 0;
  Shape shape{};                         ///< of a picture; it has a label for each pixel
  const unsigned char* recipes = nullptr;  ///< [batch][change_recipe_bytes]
  const std::uint8_t* images = nullptr;  ///< [batch][H][W][C]
  const std::int32_t* labels = nullptr;  ///< [batch][H][W]; negative: void
  std::uint8_t* changed_images = nullptr;
  std::int32_t* changed_labels = nullptr;
};
void run_change_pictures(const ChangePictures& change);

}  // namespace strata::cuda

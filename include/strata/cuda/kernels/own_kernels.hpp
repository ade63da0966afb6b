// SPDX-License-Identifier: MIT
// The library's own kernels: every operation that cuDNN does not compute. Declarations only, for any file; the
// definitions are in define_kernels.hpp, which one file of a program includes.
#pragma once

#include <strata/core/samples/image_transform.hpp>
#include <strata/cuda/kernels/channel_numbers.hpp>
#include <strata/cuda/runtime/call.hpp>

namespace strata::cuda {

/// Bytes of Call::workspace that run_kernel needs.
long workspace_bytes(const Node& node, Element element, int batch);
/// Launches a node that is not a matrix product; throws Error if it is one. Writes the whole output. loss also
/// overwrites *call.sums, batch_statistics moves the running statistics unless they are kept, and normalize_reductions
/// overwrites the gradients of scale and shift unless they are frozen.
void run_kernel(const Call& call);

// --- around the products of cuDNN
/// output = pool(f(map(product) + residual)), map: the affine map of `numbers` (channel_numbers.hpp); product has shape
/// node.mid. Without a pool, product may be the output.
void run_epilogue(const Call& call, const void* product, const ChannelNumbers& numbers);
long epilogue_workspace_bytes(const Node& node, Element element, int batch);
/// output = f(output), for a functor other than ReLU.
void run_functor(const Call& call);
/// to = the batch norm (and ReLU) of node.prologue, applied to x.
void run_prologue(const Call& call, void* to);
/// The same batch norm as scale[C] x + shift[C], in prologue_element(call.element), for a graph to apply as it reads.
void run_prologue_coefficients(const Call& call, void* scale, void* shift);
/// Joins the gradient of an input (graph/join_gradients.hpp): output = product, + the residual, if there is one; then
/// 0 where the mask, if there is one, is not positive. product may be the output.
void run_join(const Call& call, const void* product);
/// Copies the value of a normalize_reductions node, which a graph has computed, to the gradients of scale and shift;
/// then zeroes the value if statistics are kept.
void run_keep_reductions(const Call& call);
/// Computes a batch_statistics node from the sums that a graph computed: sums[C] of its input x, squares[C] of x^2.
void run_finish_statistics(const Call& call, const float* sums, const float* squares);
/// Computes the gradient of node.bias from dy of a weight gradient.
void run_bias_gradient(const Call& call);
long bias_gradient_workspace_bytes(const Node& node, int batch);

// --- before the program
/// Bytes of a recipe, an ImageTransform as the device reads it: sources of rows[height] and columns[width], tones[256],
/// outside.
constexpr long transform_recipe_bytes(Shape picture) {
  return 4L * (picture.height + picture.width) + 256 + long(sizeof(core::Outside));
}
inline void write_transform_recipe(const core::ImageTransform& change, Shape picture, unsigned char* to) {
  auto* const rows = reinterpret_cast<std::int32_t*>(to);
  core::fill_sources(change, picture.height, picture.width, rows, rows + picture.height);
  unsigned char* const tones = to + 4L * (picture.height + picture.width);
  core::fill_tones(change, tones);
  std::copy(change.outside.begin(), change.outside.end(), tones + 256);
}

/// A batch of images and labels, each changed by its recipe; all in device memory.
struct AugmentBatch {
  Stream stream = nullptr;
  int batch = 0;
  Shape shape{};                           ///< of an image; there is one label per pixel
  const unsigned char* recipes = nullptr;  ///< [batch][transform_recipe_bytes]
  const std::uint8_t* images = nullptr;    ///< [batch][H][W][C]
  const void* labels = nullptr;            ///< [batch][H][W]
  std::uint8_t* changed_images = nullptr;
  void* changed_labels = nullptr;
  bool labels_are_bytes = false;  ///< 255 is void; else they are std::int32_t, and -1 is
};
void run_augment_batch(const AugmentBatch& change);

// --- after the program
/// Sums over the counted labels of a batch, in device memory.
struct TallySums {
  double loss = 0;    ///< cross-entropy, each times its class weight
  double weight = 0;  ///< of their classes
  long long counted = 0;
};
/// The probabilities and labels of a batch; all in device memory.
struct TallyBatch {
  Stream stream = nullptr;
  Element element = Element::fp32;
  int batch = 0;
  Shape scores{};                       ///< of an image's probabilities; there is one label per pixel
  const void* probabilities = nullptr;  ///< [batch][H][W][C]
  DeviceLabels labels{};
  const float* class_weights = nullptr;
  TallySums* sums = nullptr;       ///< overwritten
  long long* confusion = nullptr;  ///< [truth][predicted], overwritten; in a tie the first class is predicted
  void* workspace = nullptr;       ///< tally_workspace_bytes(scores)
};
long tally_workspace_bytes(Shape scores);
void run_tally(const TallyBatch& tally);

}  // namespace strata::cuda

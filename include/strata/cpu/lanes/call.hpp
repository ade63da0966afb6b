// SPDX-License-Identifier: MIT
// The arguments of a kernel of the batch-in-lanes program: one node and one group of `lanes` images. A tensor of a
// group is (C, H, W, lanes) floats, aligned to 64 bytes, without a stored border.
#pragma once

#include <strata/core/compile_once.hpp>
#include <strata/core/formulas/simd.hpp>
#include <strata/core/samples/views.hpp>
#include <strata/cpu/caches.hpp>
#include <strata/cpu/same_flags.hpp>
#include <strata/graph/declared/graph.hpp>

namespace strata::cpu::lanes {

using core::simd::Vector;
using graph::Input;
using graph::Node;
inline constexpr int width = core::simd::lanes;  ///< images per group

/// What all kernels of one step share.
struct Step {
  const float* parameters = nullptr;  ///< training only
  Images images{};
  Labels labels{};
  double loss_scale = 0;
  core::LossTerm term{};           ///< what the loss node computes
  const Step* of_heads = nullptr;  ///< training: with the labels, scale and term of each head
  std::uint64_t seed = 0;
  const unsigned char* keeps_statistics =
      nullptr;  ///< per layer: whether a batch norm keeps its statistics; null: none does
};

/// The arguments of one call of a kernel.
struct Call {
  const Node* node = nullptr;
  const Node* nodes = nullptr;  ///< of the plan, which the node's inputs index
  const Step* step = nullptr;
  graph::InputPointers<const float*> inputs{};  ///< tensors of the group, or batch values
  float* y = nullptr;                           ///< the node's output
  const float* packed = nullptr;                ///< the node's weights in the kernel's layout
  float* partial = nullptr;    ///< the chunk's partial sum of the reduction, zeroed before the chunk's first group
  float* workspace = nullptr;  ///< Kernel::workspace floats, private to the thread, aligned
  int first = 0;               ///< position in the batch of the group's first image
  int images = 0;              ///< images present in the group, 1 .. lanes; the remaining lanes are padding

  const float* parameter(int offset) const { return step->parameters + offset; }
};

/// 1 in the lanes that hold an image, 0 in padding lanes.
inline Vector mask(int images) {
  alignas(64) float lane[width];
  for (int i = 0; i < width; i++) lane[i] = i < images ? 1.f : 0.f;
  return core::simd::load(lane);
}

}  // namespace strata::cpu::lanes

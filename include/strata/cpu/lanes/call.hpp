// SPDX-License-Identifier: MIT
// What a kernel of the batch-in-lanes back end is told: one node, one group of `lanes` images. A tensor of a group is
// (C, H, W, lanes) floats, aligned to 64 bytes, without a stored border.
#pragma once

#include <strata/core/simd.hpp>
#include <strata/core/views.hpp>
#include <strata/graph/graph.hpp>

namespace strata::cpu::lanes {

using graph::Node;
using simd::Vector;
inline constexpr int width = simd::lanes;  ///< images in one group

/// What all kernels of one step share.
struct Step {
  const float* parameters = nullptr;  ///< training only
  Images images{};
  Labels labels{};
  double loss_scale = 0;
  const float* class_weights = nullptr;  ///< null: all 1
  std::uint64_t seed = 0;
  const unsigned char* kept = nullptr;  ///< of each layer: batch norms that keep their statistics; null: none
};

struct Call {
  const Node* node = nullptr;
  const Node* nodes = nullptr;  ///< of the plan: node->inputs are indices into it
  const Step* step = nullptr;
  const float* x[graph::max_inputs] = {};  ///< values that the node reads: tensors of the group, or batch values
  float* y = nullptr;                      ///< its value
  const float* packed = nullptr;           ///< its weights as the kernel wants them
  float* partial = nullptr;    ///< this chunk's share of the node's reduction, zero before the chunk's first group
  float* workspace = nullptr;  ///< `workspace(node)` floats, private to the thread, aligned
  int first = 0;               ///< position in the batch of the group's first image
  int images = 0;              ///< of the group that exist, 1 .. lanes; the other lanes are padding
  int seen = 0;                ///< images of the chunk before this group

  const float* parameter(int offset) const { return step->parameters + offset; }
};

/// 1 in the lanes that hold an image, 0 in the padding.
inline Vector mask(int images) {
  alignas(64) float lane[width];
  for (int i = 0; i < width; i++) lane[i] = i < images ? 1.f : 0.f;
  return simd::load(lane);
}

}  // namespace strata::cpu::lanes

// SPDX-License-Identifier: MIT
// The arguments of a kernel of the NHWC program: one node and all images of the batch. A tensor of an image is (H, W,
// C) floats. Dimensions are run-time values taken from the node, so that a kernel is one function for all networks.
#pragma once

#include <strata/core/compile_once.hpp>
#include <strata/core/formulas/simd.hpp>
#include <strata/core/samples/views.hpp>
#include <strata/core/threads/team.hpp>
#include <strata/cpu/caches.hpp>
#include <strata/cpu/same_flags.hpp>
#include <strata/graph/declared/graph.hpp>

#include <algorithm>

namespace strata::cpu::nhwc {

using core::simd::Vector;
using graph::Input;
using graph::Node;
using graph::Op;
inline constexpr int width = core::simd::lanes;

/// A functor of the network, as functions over a row of floats.
struct Functor {
  void (*apply)(float* x, long count) = nullptr;                   ///< x = f(x)
  void (*scale)(float* dy, const float* v, long count) = nullptr;  ///< dy *= df(v), v: input or output of f
  bool reads_input = false;
};

/// What all nodes of one step share.
struct Step {
  const float* parameters = nullptr;
  const float* buffers = nullptr;
  float* running = nullptr;    ///< training: the buffers, whose running statistics are updated
  float* gradients = nullptr;  ///< training: sums over the images
  bool accumulate = false;     ///< add to the gradients
  double momentum = -1;
  Images images{};          ///< inference: of floats, also the value of an input that has no place
  float* result = nullptr;  ///< inference: the value of a result that has no place
  Labels labels{};
  double loss_scale = 0;
  core::LossTerm term{};             ///< what the loss node computes
  const Step* of_heads = nullptr;    ///< training: with the labels, scale and term of each head
  core::StepResult* more = nullptr;  ///< the sums of heads 1, 2, ...
  std::uint64_t seed = 0;
  const unsigned char* keeps_statistics =
      nullptr;  ///< per layer: whether a batch norm keeps its statistics; null: none does
  const Functor* functors = nullptr;
};

/// The number of parts of a reduction over the batch. It is independent of the number of threads; the parts are added
/// in order.
inline constexpr int chunks = 32;

/// The arguments of one call of a kernel.
struct Call {
  const Node* node = nullptr;
  const Node* producer = nullptr;  ///< of the first input
  const Step* step = nullptr;
  graph::InputPointers<const float*> inputs{};  ///< values of image 0, or batch values
  const Shape* shapes = nullptr;                ///< of the inputs, in their order
  float* output = nullptr;
  long stride = 0;                ///< floats from one image's frame to the next
  const float* packed = nullptr;  ///< the node's weights in the kernel's layout
  float* partial = nullptr;       ///< Kernel::partial floats, shared by all threads
  float* workspace = nullptr;     ///< that of slot s: workspace + s * workspace_stride
  long workspace_stride = 0;
  core::StepResult* result = nullptr;

  int images() const { return step->images.count; }
  /// The input of an image, by name or index; the first is x, or dy in the backward pass.
  const float* input(Input name, int image) const { return inputs[name] + image * stride; }
  const float* input(int k, int image) const { return inputs[k] + image * stride; }
  const float* first(int image) const { return inputs.first() + image * stride; }
  float* y(int image) const { return output + image * stride; }
  float* slot(int s) const { return workspace + s * workspace_stride; }
  /// Null if the offset is negative.
  const float* parameter(int offset) const { return offset < 0 ? nullptr : step->parameters + offset; }
  bool keeps_statistics() const { return graph::keeps_statistics(*node, step->keeps_statistics); }
  const Functor& functor() const { return step->functors[node->epilogue.functor]; }
};

/// body(i) for whole vectors at i = 0, width, ..., then tail(i) for each remaining float.
template <class Body, class Tail>
[[gnu::always_inline]] inline void sweep(long count, Body&& body, Tail&& tail) {
  long i = 0;
  for (; i + width <= count; i += width) body(i);
  for (; i < count; i++) tail(i);
}

/// Distributes the rows of the output of all images over the threads: body(image, row, slot).
template <class Body>
void for_each_row(core::Team& team, int images, int rows, Body&& body) {
  team.for_each(images * rows, [&](int item, int slot) { body(item / rows, item % rows, slot); });
}

}  // namespace strata::cpu::nhwc

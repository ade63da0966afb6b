// SPDX-License-Identifier: MIT
// The weights of a node, packed for a machine that need not be this one: what its kernels would pack there. The names
// of floats and offsets are those of program.hpp.
#pragma once

#include <strata/cpu/nhwc/choose.hpp>
#include <strata/cpu/nhwc/fixed_shape/convolution.hpp>
#include <strata/cpu/nhwc/fixed_shape/dense.hpp>
#include <strata/cpu/nhwc/kernels.hpp>
#include <strata/cpu/nhwc/packing.hpp>

namespace strata::cpu::nhwc {

/// A node of an inference, as the machine computes it.
struct PackedNode {
  const Node* node = nullptr;
  Algorithm algorithm{};
  bool reads_image = false;  ///< its input is the user's image
  Machine machine{};

  constexpr fixed_shape::ConvolutionKey convolution_key() const {
    return fixed_shape::convolution_key(*node, algorithm, reads_image, machine);
  }
  constexpr fixed_shape::DenseKey dense_key() const { return {node->in, int(node->out.size()), machine}; }
  /// Whether its general kernel packs blocks of output channels.
  constexpr bool packs_blocks() const {
    return algorithm == Algorithm::direct && kernel_table[int(node->op)].kernel.pack == pack_direct;
  }

  /// The floats of its packed weights.
  constexpr long floats() const {
    if (traits(algorithm).fixed_shape) {
      if (node->op == Op::convolution) return convolution_key().packed_floats();
      return node->op == Op::dense ? dense_key().packed_floats() : 0;
    }
    if (algorithm == Algorithm::winograd) return whole_lines(winograd_of(*node, machine).packed_floats());
    if (packs_blocks()) return whole_lines(sliding_of(*node).packed_floats(block_of(machine)));
    return kernel_of(node->op, algorithm).packed(*node);
  }

  /// Writes the packed weights, floats() of them. folded: room for folded_floats(node).
  void pack(const float* parameters, const float* buffers, float* folded, float* packed) const;
};

/// The nodes of a plan for inference.
template <class Plan>
struct PackedNodes {
  PackedNode of[Plan::capacity > 0 ? Plan::capacity : 1]{};
  int count = 0;

  constexpr long floats() const {
    long sum = 0;
    for (int i = 0; i < count; i++) sum += of[i].floats();
    return sum;
  }
};
template <class Plan>
constexpr PackedNodes<Plan> packed_nodes(const Plan& plan, const Machine& machine) {
  const auto chosen = choose(plan, true, machine);
  PackedNodes<Plan> nodes;
  nodes.count = plan.count;
  for (int i = 0; i < plan.count; i++) {
    const Node& node = plan.nodes[i];
    nodes.of[i] = {&node, chosen.of[i],
                   node.op == Op::convolution && chosen.of[node.inputs[Input::x]] == Algorithm::skipped, machine};
  }
  return nodes;
}

#if STRATA_HAS_BODIES

namespace detail {

/// What pack_winograd writes for the machine, by floats instead of vectors.
inline void pack_winograd_for(const Machine& machine, const Winograd& g, const float* weights,
                              const graph::WeightView& view, const float* scale, const float* bias, float* packed) {
  const int block = block_of(machine);
  for (int o = 0; o < g.columns * block; o++) packed[o] = bias && o < g.outputs() ? bias[o] : 0;
  for (int o = 0; o < g.columns * block; o++) {
    const int column = o / block;
    float* to = packed + g.biases_floats + column / g.live_columns * (tile_points * g.weight_step) +
                column % g.live_columns * g.column_floats + o % block;
    for (int i = 0; i < g.inputs(); i++, to += block) {
      float taps[9] = {};
      for (int t = 0; t < 9 && o < g.outputs(); t++) taps[t] = weights[view.at(o, i, t)] * (scale ? scale[o] : 1.f);
      float half[3][6];
      for (int c = 0; c < 3; c++) transform_weights(taps[c], taps[3 + c], taps[6 + c], half[c]);
      for (int r = 0; r < 6; r++) {
        float row[6];
        transform_weights(half[0][r], half[1][r], half[2][r], row);
        for (int c = 0; c < 6; c++) to[(r * 6 + c) * g.weight_step] = row[c];
      }
    }
  }
}

}  // namespace detail

STRATA_ONCE void PackedNode::pack(const float* parameters, const float* buffers, float* folded, float* packed) const {
  core::Team alone;
  const bool blocks = packs_blocks(), tiles = algorithm == Algorithm::winograd,
             rows = node->op == Op::dense && !traits(algorithm).fixed_shape;
  if (!traits(algorithm).fixed_shape && !blocks && !tiles && !rows)
    return kernel_of(node->op, algorithm).pack(*node, parameters, buffers, folded, packed, alone);
  if (node->op == Op::softmax || node->op == Op::input) return;
  const Weights w = folded_weights(*node, parameters, buffers, folded, alone);
  if (blocks) {
    const Sliding s = sliding_of(*node);
    for (int b = 0; b < s.blocks(block_of(machine)); b++)
      pack_block(s, is_mirrored(node->op), w.weights, graph::weight_view(*node), w.scale, w.bias, b, packed,
                 block_of(machine));
  } else if (tiles) {
    detail::pack_winograd_for(machine, winograd_of(*node, machine), w.weights, graph::weight_view(*node), w.scale,
                              w.bias, packed);
  } else if (rows) {
    const int outputs = int(node->out.size());
    for (int o = 0; o < outputs; o++)
      pack_dense_in_group(node->in, w.weights, w.scale, w.bias, o, outputs, dense_group(machine.lanes), packed);
  } else if (node->op == Op::convolution) {
    fixed_shape::pack_convolution(convolution_key(), w.weights, w.scale, w.bias, packed);
  } else {
    fixed_shape::pack_dense(dense_key(), w.weights, w.scale, w.bias, packed);
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

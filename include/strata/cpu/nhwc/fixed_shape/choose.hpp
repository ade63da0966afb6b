// SPDX-License-Identifier: MIT
// Which nodes of an inference have a fixed-shape kernel, and which one: small convolutions, small dense layers, a
// softmax of one pixel. A large node gains nothing from it and would cost compile time, so it uses the general kernel.
#pragma once

#include <strata/cpu/choices.hpp>
#include <strata/cpu/nhwc/algorithm.hpp>
#include <strata/cpu/nhwc/fixed_shape/key.hpp>
#include <strata/graph/op_traits.hpp>

namespace strata::cpu::nhwc::fixed_shape {

inline constexpr long max_macs = 1'000'000, max_floats = 1 << 15;
inline constexpr int max_channels = 64;
inline constexpr int max_nodes = 24;  ///< of a plan: each shape costs about 0.2 s of compile time

/// Whether the node is small enough for a fixed-shape kernel of the machine.
constexpr bool fits(const Node& node, const Machine& machine = this_machine) {
  if (node.op == Op::softmax) return node.out.pixels() == 1 && node.in == node.out && node.out.channels <= max_channels;
  if (node.op == Op::dense) return graph::node_macs(node) <= max_macs && node.out.size() <= max_channels;
  return node.op == Op::convolution && !node.inputs.has(Input::residual) && node.weight_part.inputs == 0 &&
         graph::node_macs(node) <= max_macs && node.in.size() <= max_floats && node.mid.size() <= max_floats &&
         node.in.channels <= max_channels && node.mid.channels <= max_channels &&
         (!node.epilogue.pools || node.epilogue.pool.taps() <= machine.tiles().fixed_shape_sums);
}

/// Whether the plan is small enough; a deep network uses the general kernels throughout.
template <class Plan>
constexpr bool suits(const Plan& plan) {
  return plan.count <= max_nodes;
}

/// Whether the network has one image, with a single reader, a fixed-shape convolution. Then the input node needs no
/// value.
template <class Plan>
constexpr bool skips_input(const Plan& plan, const Machine& machine = this_machine) {
  int readers = 0;
  for (int i = 0; i < plan.count; i++) {
    if (plan.nodes[i].op == Op::input && plan.nodes[i].port > 0) return false;
    for (const int input : plan.nodes[i].inputs)
      if (plan.nodes[input].op == Op::input) {
        if (plan.nodes[i].op != Op::convolution || !fits(plan.nodes[i], machine)) return false;
        readers++;
      }
  }
  return readers == 1;
}

/// The key of a convolution that `algorithm` computes.
constexpr ConvolutionKey convolution_key(const Node& node, Algorithm algorithm, bool reads_image = false,
                                         const Machine& machine = this_machine) {
  ConvolutionKey key{.in = node.in,
                     .mid = node.mid,
                     .out = node.out,
                     .window = node.window,
                     .reads_image = reads_image,
                     .winograd = algorithm == Algorithm::fixed_shape_winograd,
                     .pairs = algorithm == Algorithm::fixed_shape_pairs,
                     .machine = machine};
  if (node.epilogue.pools)
    key.pool_height = node.epilogue.pool.rows.kernel, key.pool_width = node.epilogue.pool.columns.kernel;
  return key;
}

/// The algorithm of a node that fits.
constexpr Algorithm choose(const Node& node, const Machine& machine = this_machine) {
  if (node.op != Op::convolution) return Algorithm::fixed_shape;
  const ConvolutionKey winograd = convolution_key(node, Algorithm::fixed_shape_winograd, false, machine);
  if (takes_winograd(
          node, [&](const Node&) { return winograd.can_use_winograd(); },
          [&](const Node&) { return winograd.winograd_saves(); }))
    return Algorithm::fixed_shape_winograd;
  if (convolution_key(node, Algorithm::fixed_shape_pairs, false, machine).prefers_pairs())
    return Algorithm::fixed_shape_pairs;
  return Algorithm::fixed_shape;
}

}  // namespace strata::cpu::nhwc::fixed_shape

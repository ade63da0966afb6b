// SPDX-License-Identifier: MIT
// What the kernels of a plan that `suits` need, without the kernels: a file that only asks for the memory of a network
// does not instantiate its kernels.
#pragma once

#include <strata/cpu/nhwc/fixed_shape/choose.hpp>
#include <strata/cpu/nhwc/fixed_shape/dense.hpp>
#include <strata/cpu/nhwc/program.hpp>

namespace strata::cpu::nhwc::fixed_shape {

/// The floats of one node, with the interface that offsets_of() reads of a Kernel.
struct NodeSizes {
  long packed_floats = 0, partial_floats = 0, workspace_floats = 0;
  constexpr long packed(const Node&) const { return packed_floats; }
  constexpr long partial(const Node&) const { return partial_floats; }
  constexpr long workspace(const Node&) const { return workspace_floats; }
};

/// The sizes of the kernels that fixed_shape::Kernels has for the nodes of a plan.
struct Sizes {
  template <class Plan, class Chosen>
  static constexpr NodeSizes of(const Plan& plan, const Chosen& chosen, int i) {
    const Node& node = plan.nodes[i];
    const Algorithm algorithm = chosen.of[i];
    if (!traits(algorithm).fixed_shape) {
      const Kernel kernel = kernel_of(node.op, algorithm);
      return {kernel.packed(node), kernel.partial(node), kernel.workspace(node)};
    }
    if (node.op == Op::convolution) {
      const ConvolutionKey key =
          convolution_key(node, algorithm, chosen.of[node.inputs[graph::Input::x]] == Algorithm::skipped);
      return {.packed_floats = key.packed_floats(), .workspace_floats = key.workspace_floats()};
    }
    if (node.op == Op::dense) return {.packed_floats = DenseKey{node.in, int(node.out.size())}.packed_floats()};
    return {};
  }
};

}  // namespace strata::cpu::nhwc::fixed_shape

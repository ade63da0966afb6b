// SPDX-License-Identifier: MIT
// The layout of a network's packed weights on a machine, as a hash: a header of packed weights fits a predictor whose
// layout has the same one.
#pragma once

#include <strata/core/description.hpp>
#include <strata/cpu/nhwc/inference_of.hpp>
#include <strata/cpu/nhwc/pack_for_machine.hpp>

#include <cstdint>

namespace strata::infer {

/// The nodes of the plan that a predictor runs, as the machine packs them.
template <class Net, graph::PlanOptions Options, cpu::Machine Machine = cpu::this_machine>
inline constexpr auto packed_nodes = cpu::nhwc::packed_nodes(cpu::nhwc::InferenceSizesOf<Net, Options>::plan, Machine);

/// The hash of all that packing depends on, except the weights. A change of any layout needs another version, or a
/// predictor would read older headers wrongly.
template <class Net, graph::PlanOptions Options, cpu::Machine Machine = cpu::this_machine>
inline constexpr std::uint64_t packed_format = [] {
  constexpr int version = 1;
  core::Description out;
  out.number(version).number(Machine.lanes).number(cpu::nhwc::block_of(Machine));
  for (int i = 0; i < packed_nodes<Net, Options, Machine>.count; i++) {
    const cpu::nhwc::PackedNode& packed = packed_nodes<Net, Options, Machine>.of[i];
    const graph::Node& node = *packed.node;
    out.word(graph::name(node.op)).word(cpu::nhwc::traits(packed.algorithm).name).number(packed.floats());
    if (packed.floats() == 0) continue;
    out.number(node.weights).number(node.bias).number(node.folded.present).number(node.folded.scale);
    out.number(node.weight_part.first).number(node.weight_part.inputs).number(node.weight_part.taps);
    if (node.op == graph::Op::convolution && cpu::nhwc::traits(packed.algorithm).fixed_shape)
      out.number(packed.convolution_key().vectors()).number(packed.convolution_key().groups());
    if (node.op == graph::Op::dense && cpu::nhwc::traits(packed.algorithm).fixed_shape)
      out.number(packed.dense_key().together());
    if (node.op == graph::Op::dense && !cpu::nhwc::traits(packed.algorithm).fixed_shape && Machine.lanes == 1)
      out.number(cpu::nhwc::dense_group(Machine.lanes));
    if (packed.algorithm == cpu::nhwc::Algorithm::winograd) {
      const cpu::nhwc::Winograd tiles = cpu::nhwc::winograd_of(node, Machine);
      out.number(tiles.live_columns).number(tiles.weight_step);
    }
  }
  return out.hash();
}();

}  // namespace strata::infer

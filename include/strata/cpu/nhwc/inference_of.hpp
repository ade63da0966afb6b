// SPDX-License-Identifier: MIT
// What inference of a network runs, node by node, as a compile-time constant. It involves no threads, so a predictor
// can use it directly.
#pragma once

#include <strata/cpu/nhwc/fixed_shape/table.hpp>

namespace strata::cpu::nhwc {

/// FixedShape: small nodes use the kernels of fixed_shape/.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}, bool FixedShape = true>
struct InferenceOf {
  static constexpr auto& plan = graph::inference_plan<Net, layout, Options>;
  static constexpr auto& special = fixed_shape::table<Net, Options, FixedShape>;
  static constexpr auto offsets =
      offsets_of(plan, true, [](int i) { return fixed_shape::table<Net, Options, FixedShape>.sizes[i]; });
  static constexpr Program program{
      .nodes = plan.nodes,
      .places = plan.places,
      .packed = offsets.packed,
      .functors = FunctorTable<functors<Net>>::table,
      .general = special.serves_all() ? General{} : General{&run_inference, &pack},
      .special = special.run,
      .special_pack = special.pack,
      .count = plan.count,
      .result = plan.result,
      .frame = plan.frame,
      .fixed = plan.fixed,
      .packed_floats = offsets.packed_floats,
      .folded_floats = offsets.folded_floats,
      .partial_floats = offsets.partial_floats,
      .workspace = offsets.workspace,
  };
};

/// Bytes that Inference<Net> allocates.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}, bool FixedShape = true>
constexpr long inference_bytes(int max_batch, int threads) {
  return InferenceOf<Net, Options, FixedShape>::program.floats(max_batch, threads) * long(sizeof(float));
}

}  // namespace strata::cpu::nhwc

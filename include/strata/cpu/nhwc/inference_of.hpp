// SPDX-License-Identifier: MIT
// What inference of a network runs, node by node, as a compile-time constant. It involves no threads, so a predictor
// can use it directly.
#pragma once

#include <strata/cpu/nhwc/fixed_shape/table.hpp>
#include <strata/graph/plans.hpp>

#include <type_traits>

namespace strata::cpu::nhwc {

/// FixedShape: small nodes use the kernels of fixed_shape/.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}, bool FixedShape = true>
struct InferenceOf {
  static constexpr auto& plan = graph::inference_plan<Net, layout, Options>;
  static constexpr auto algorithms = choose(plan, FixedShape);
  using Table = std::conditional_t<FixedShape && fixed_shape::suits(plan),
                                   fixed_shape::Kernels<plan, algorithms, graph::functors<Net>>, GeneralKernels>;
  static constexpr auto offsets = offsets_of<Table>(plan, algorithms, true);
  static constexpr auto kernels = kernels_of<Table>(plan, algorithms);
  static constexpr Program program{
      .nodes = plan.nodes,
      .places = plan.places,
      .packed = offsets.packed,
      .functors = FunctorTable<graph::functors<Net>>::table,
      .algorithms = algorithms.of,
      .run = kernels.run,
      .pack = kernels.pack,
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

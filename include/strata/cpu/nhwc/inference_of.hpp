// SPDX-License-Identifier: MIT
// What inference of a network runs, node by node, as a compile-time constant. It involves no threads, so a predictor
// can use it directly.
#pragma once

#include <strata/cpu/nhwc/fixed_shape/sizes.hpp>
#include <strata/cpu/nhwc/fixed_shape/table.hpp>
#include <strata/graph/plans.hpp>

#include <type_traits>

namespace strata::cpu::nhwc {

/// The memory that inference of a network needs, without its kernels. FixedShape: small nodes use those of
/// fixed_shape/.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}, bool FixedShape = true>
struct InferenceSizesOf {
  static constexpr auto& plan = graph::inference_plan<Net, layout, Options>;
  static constexpr auto algorithms = choose(plan, FixedShape);
  static constexpr bool has_fixed_shapes = FixedShape && fixed_shape::suits(plan);
  using SizesTable = std::conditional_t<has_fixed_shapes, fixed_shape::Sizes, GeneralKernels>;
  static constexpr auto offsets = offsets_of<SizesTable>(plan, algorithms, true);
  static constexpr Program sizes{
      .count = plan.count,
      .result = plan.result,
      .others = plan.others,
      .frame = plan.frame,
      .fixed = plan.fixed,
      .packed_floats = offsets.packed_floats,
      .folded_floats = offsets.folded_floats,
      .partial_floats = offsets.partial_floats,
      .workspace = offsets.workspace,
  };
};

/// What inference of a network runs.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}, bool FixedShape = true>
struct InferenceOf : InferenceSizesOf<Net, Options, FixedShape> {
  using Sizes = InferenceSizesOf<Net, Options, FixedShape>;
  using Sizes::plan, Sizes::algorithms, Sizes::offsets;
  using Table = std::conditional_t<Sizes::has_fixed_shapes,
                                   fixed_shape::Kernels<plan, algorithms, graph::functors<Net>>, GeneralKernels>;
  static constexpr auto kernels = kernels_of<Table>(plan, algorithms);
  static constexpr Program program = [] {
    Program program = Sizes::sizes;
    program.nodes = plan.nodes, program.places = plan.places, program.packed = offsets.packed;
    program.functors = FunctorTable<graph::functors<Net>>::table;
    program.algorithms = algorithms.of;
    program.run = kernels.run, program.pack = kernels.pack;
    return program;
  }();
};

/// Bytes that Inference<Net> allocates.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}, bool FixedShape = true>
constexpr long inference_bytes(int max_batch, int threads) {
  return InferenceSizesOf<Net, Options, FixedShape>::sizes.floats(max_batch, threads) * long(sizeof(float));
}

}  // namespace strata::cpu::nhwc

// SPDX-License-Identifier: MIT
// Policies for a whole network, as types that a back end takes: CpuWith<Exact, Recompute<Again::nothing>>. Exact
// (spec/options.hpp) is also an option of single layers.
#pragma once

#include <strata/graph/plans.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// No algebra across layers: each one is computed as declared, including batch norms and enlargements. Without it,
/// back ends fold and reorder what gives the same function.
struct AsDeclared {
  static constexpr void apply(graph::PlanOptions& o) { o.rewrite = graph::no_rewrites; }
};

/// Which values of the forward pass the backward pass recomputes instead of reading them from memory.
/// cpu::training_cost<Net, CpuWith<...>> gives the resulting memory and work.
enum class Again : unsigned char {
  nothing,            ///< all values are stored
  light_values,       ///< those that cost a pass or two over memory: batch norms, sums, enlargements. The default
  first_convolution,  ///< those, and the outputs of convolutions of the images
  blocks              ///< all inside blocks of two convolutions: about one more forward pass; stores the blocks' inputs
};

/// The policy that selects what is recomputed; the default is Again::light_values.
template <Again What>
struct Recompute {
  static constexpr void apply(graph::PlanOptions& o) {
    o.recompute.enabled = What != Again::nothing;
    o.recompute.first_convolution = What == Again::first_convolution;
    o.recompute.linear_in_a_row = What == Again::blocks ? 2 : 0;
  }
};

}  // namespace strata

namespace strata::graph {

/// Combines the policies. A type that is not a policy does not compile.
template <class... Policy>
constexpr PlanOptions plan_options() {
  PlanOptions options;
  (Policy::apply(options), ...);
  return options;
}

}  // namespace strata::graph

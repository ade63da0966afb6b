// SPDX-License-Identifier: MIT
// What a user may ask of the plans of a whole network, as small types of a back end: CpuWith<Exact, Recompute<Again::nothing>>.
// Exact (spec/options.hpp) is an option of single layers as well.
#pragma once

#include <strata/graph/plans.hpp>
#include <strata/spec/options.hpp>

namespace strata {

/// No algebra across layers: each is computed as it is declared, batch norms and enlargements too.
struct AsDeclared {
  static constexpr void apply(graph::PlanOptions& o) { o.rewrite = graph::no_rewrites; }
};

/// Which values of the forward pass the backward pass of a training makes again, instead of finding them stored.
/// training_cost<Net, CpuWith<...>> says what that saves and costs.
enum class Again : unsigned char {
  nothing,            ///< all are stored
  light_values,       ///< a pass or two over memory: batch norms with their functors, sums, enlargements. The default
  first_convolution,  ///< those, and a convolution of the images
  blocks              ///< all inside blocks of two convolutions: their inputs are stored. About a forward pass more
};

template <Again What>
struct Recompute {
  static constexpr void apply(graph::PlanOptions& o) {
    o.recompute.enabled = What != Again::nothing;
    o.recompute.first_convolution = What == Again::first_convolution;
    o.recompute.linear_in_a_row = What == Again::blocks ? 2 : 0;
  }
};

/// All policies together. A type that is none of them does not compile.
template <class... Policy>
constexpr graph::PlanOptions plan_options() {
  graph::PlanOptions options;
  (Policy::apply(options), ...);
  return options;
}

}  // namespace strata

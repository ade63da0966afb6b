// SPDX-License-Identifier: MIT
// What a network costs as declared. Lowers it within one constant evaluation and keeps only the totals, so that a
// thousand candidates need little of the compiler's memory; graph::lowered<Net> would keep all tables of each.
#pragma once

#include <strata/graph/lower.hpp>

namespace strata::experiment {

/// The totals of a declaration. An invalid network has none.
struct DeclaredCost {
  bool valid = true;
  long parameters = 0, macs = 0;
};

namespace detail {

/// Calls visit(builder) with the lowered declaration, whose storage ends with the call.
template <class Net, class Visit>
constexpr auto lowered_for(Visit visit) {
  constexpr graph::Bound bound = Net::bound;
  graph::Node nodes[std::size_t(bound.nodes + 1)]{};
  graph::Layer layers[std::size_t(bound.layers + 1)]{};
  graph::Tensor parameters[std::size_t(bound.tensors + 1)]{}, buffers[std::size_t(bound.tensors + 2)]{};
  graph::SpellFunction spells[std::size_t(bound.layers + 1)]{};
  int slots[std::size_t(graph::name_slots(2 * bound.tensors + 2))]{};
  graph::Builder b;
  b.describes = false;
  b.nodes = nodes;
  b.layers = layers;
  b.parameters = parameters;
  b.buffers = buffers;
  b.spells = spells;
  b.functor_tags = graph::FunctorTags<graph::functors<Net>>::tags;
  b.functor_count = graph::functors<Net>::size;
  Net::lower(b);
  graph::refuse_equal_names(b, slots, graph::name_slots(2 * bound.tensors + 2));
  return visit(b);
}

}  // namespace detail

/// The cost of `Net` as declared.
template <class Net>
inline constexpr DeclaredCost declared_cost = detail::lowered_for<Net>([](const graph::Builder& b) {
  DeclaredCost cost{!b.refused(), b.parameter_floats, 0};
  for (int i = 0; i < b.node_count && cost.valid; i++) cost.macs += graph::node_macs(b.nodes[i]);
  return cost;
});

/// Why `Net` is invalid.
template <class Net>
inline constexpr graph::Verdict declared_verdict = detail::lowered_for<Net>([](const graph::Builder& b) {
  return b.verdict;
});

}  // namespace strata::experiment

// SPDX-License-Identifier: MIT
// Runs the passes in order on a lowered network, one constexpr variable per pass (compilers limit the steps of a single
// evaluation). Intermediate graphs are shrunk to their size before the next pass.
#pragma once

#include <strata/graph/absorb_normalize.hpp>
#include <strata/graph/differentiate.hpp>
#include <strata/graph/fuse.hpp>
#include <strata/graph/join_gradients.hpp>
#include <strata/graph/lower.hpp>
#include <strata/graph/recompute_by_node.hpp>
#include <strata/graph/rewrite.hpp>
#include <strata/graph/schedule.hpp>
#include <strata/spec/functor.hpp>

namespace strata::graph {

/// What the passes may do. Each can be switched off.
struct PlanOptions {
  RewriteOptions rewrite{};
  FuseOptions fuse{};
  RecomputeOptions recompute{};
  Products products = Products::fewest;  ///< for all convolutions that leave it at fewest
  constexpr bool operator==(const PlanOptions&) const = default;
};

template <int Capacity>
constexpr Graph<Capacity> with_products(Graph<Capacity> graph, Products products) {
  for (int i = 0; i < graph.count; i++)
    if (graph.nodes[i].products == Products::fewest) graph.nodes[i].products = products;
  return graph;
}

/// The inference graph, rewritten and fused.
template <class Net, PlanOptions Options = PlanOptions{}>
inline constexpr auto inference_graph = [] {
  constexpr auto& forward = declared_inference<Net>();
  constexpr auto rewritten =
      rewrite<rewritten_bound(forward, Mode::inference)>(forward, Mode::inference, Options.rewrite);
  constexpr auto fused = fuse(rewritten, Mode::inference, Options.fuse);
  return with_products(resized<fused.count>(fused), Options.products);
}();

/// For each functor in the list, whether its derivative takes its input (else its output).
template <class List>
struct FunctorNeeds;
template <class... Functor>
struct FunctorNeeds<spec::type_list<Functor...>> {
  static constexpr bool reads_input[] = {(Functor::needs == Needs::input)...};
};

/// The forward half of the training graph, rewritten and fused.
template <class Net, PlanOptions Options = PlanOptions{}>
inline constexpr auto training_forward = [] {
  constexpr auto& forward = lowered<Net>.graph;
  constexpr auto rewritten =
      rewrite<rewritten_bound(forward, Mode::training)>(forward, Mode::training, Options.rewrite);
  constexpr auto fused =
      fuse(ends_in_loss<rewritten.capacity + result_count(rewritten)>(rewritten), Mode::training, Options.fuse);
  return with_products(resized<fused.count>(fused), Options.products);
}();

/// The training graph: the forward half and its gradients.
template <class Net, PlanOptions Options = PlanOptions{}>
inline constexpr auto training_graph = [] {
  constexpr auto& forward = training_forward<Net, Options>;
  constexpr auto both = differentiate<differentiated_bound(forward)>(forward, FunctorNeeds<functors<Net>>::reads_input);
  return resized<both.count>(both);
}();

/// The inference graph with its phases.
template <class Net, PlanOptions Options>
inline constexpr auto inference_phased = [] {
  constexpr auto& fused = inference_graph<Net, Options>;
  return in_order<fused.capacity>(fused);
}();

/// The training graph by node: cheap forward nodes copied into the backward pass, batch norms absorbed by their
/// readers, gradients joined.
template <class Net, PlanOptions Options>
inline constexpr auto training_graph_recomputed = [] {
  constexpr auto& both = training_graph<Net, Options>;
  constexpr auto recomputed = Options.recompute.enabled ? recompute_by_node<2 * both.capacity>(both, Options.recompute)
                                                        : resized<2 * both.capacity>(both);
  constexpr auto absorbed = Options.fuse.prologues ? absorb_normalize(recomputed) : recomputed;
  constexpr auto joined = Options.fuse.joins ? join_gradients(absorbed) : absorbed;
  return resized<joined.count>(joined);
}();

/// The training graph with its phases. By group, cheap values are recomputed in the later phases that read them; by
/// node, in the backward pass.
template <class Net, bool ByGroup, PlanOptions Options>
inline constexpr auto training_phased = [] {
  constexpr auto& both = training_graph<Net, Options>;
  constexpr RecomputeOptions options = Options.recompute;
  if constexpr (!ByGroup) {
    constexpr auto& recomputed = training_graph_recomputed<Net, Options>;
    return in_order<recomputed.capacity>(recomputed);
  } else if constexpr (options.enabled) {
    return recompute<recomputed_bound(both, options)>(both, options);
  } else {
    return in_order<both.capacity>(both);
  }
}();

/// The schedule with the smallest frame over all placement orders.
template <const auto& Phased, Layout Target>
inline constexpr auto smallest_schedule = [] {
  constexpr auto in_order_of_birth = schedule(Phased, Target, PlaceFirst::none);
  constexpr auto largest_first = schedule(Phased, Target, PlaceFirst::largest);
  constexpr auto latest_first = schedule(Phased, Target, PlaceFirst::latest_death);
  return smaller(smaller(in_order_of_birth, largest_first), latest_first);
}();

/// The plan that a back end executes in inference.
template <class Net, Layout Target, PlanOptions Options = PlanOptions{}>
inline constexpr auto& inference_plan = smallest_schedule<inference_phased<Net, Options>, Target>;

/// The plan that a back end executes in training.
template <class Net, Layout Target, PlanOptions Options = PlanOptions{}>
inline constexpr auto& training_plan = smallest_schedule<training_phased<Net, Target.by_group, Options>, Target>;

}  // namespace strata::graph

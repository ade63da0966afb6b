// SPDX-License-Identifier: MIT
// The passes in a row, one constexpr variable each (compilers limit the steps of a single evaluation), for a network
// that is lowered. Intermediate graphs are shrunk to their size before the next pass.
#pragma once

#include <strata/graph/differentiate.hpp>
#include <strata/graph/fuse.hpp>
#include <strata/graph/lower.hpp>
#include <strata/graph/make_again.hpp>
#include <strata/graph/rewrite.hpp>
#include <strata/graph/schedule.hpp>
#include <strata/spec/functor.hpp>

namespace strata::graph {

/// Inference: rewritten and fused.
template <class Net, FuseOptions Fuse = FuseOptions{}>
inline constexpr auto inference_graph = [] {
  constexpr auto& forward = lowered<Net>.graph;
  constexpr auto fused = fuse(rewrite<forward.capacity>(forward, Mode::inference), Mode::inference, Fuse);
  return resized<fused.count>(fused);
}();

template <class List>
struct FunctorNeeds;
template <class... Functor>
struct FunctorNeeds<type_list<Functor...>> {
  static constexpr bool reads_input[] = {(Functor::needs == Needs::input)...};
};

/// The loss stands on the softmax at the end.
template <class Net>
struct TrainingOf {
  static constexpr Verdict verdict = [] {
    constexpr auto& net = lowered<Net>;
    const Node& last = net.graph.nodes[net.graph.result];
    Verdict v;
    if (last.op == Op::softmax) return v;
    v.why = Reason::head_is_no_softmax;
    v.who = &Net::spell_last;
    for (int i = 0; i < 64; i++) v.path[i] = net.layers[last.layer].path[i];
    v.given = last.in;
    return v;
  }();
};

/// Training: rewritten and fused, the forward half.
template <class Net, FuseOptions Fuse = FuseOptions{}>
inline constexpr auto training_forward = [] {
  static_assert(detail::accept<TrainingOf<Net>>());
  constexpr auto& forward = lowered<Net>.graph;
  constexpr auto fused = fuse(rewrite<2 * forward.capacity>(forward, Mode::training), Mode::training, Fuse);
  return resized<fused.count>(fused);
}();

/// Training: differentiated.
template <class Net, FuseOptions Fuse = FuseOptions{}>
inline constexpr auto training_graph = [] {
  constexpr auto& forward = training_forward<Net, Fuse>;
  constexpr auto both =
      differentiate<differentiated_bound(forward)>(forward, FunctorNeeds<functors<Net>>::reads_input);
  return resized<both.count>(both);
}();

template <class Net, Layout Target, FuseOptions Fuse = FuseOptions{}>
inline constexpr auto inference_plan = [] {
  constexpr auto& fused = inference_graph<Net, Fuse>;
  return schedule(in_order<fused.capacity>(fused), Target);
}();

/// Training by node: with copies of light forward nodes in the backward pass.
template <class Net, FuseOptions Fuse = FuseOptions{}, RecomputeOptions Recompute = RecomputeOptions{}>
inline constexpr auto training_graph_made_again = [] {
  constexpr auto& both = training_graph<Net, Fuse>;
  constexpr auto again = make_again<2 * both.capacity>(both, Recompute);
  return resized<again.count>(again);
}();

/// Values cross phases by group, and the loss by node; what is cheap is made again behind them.
template <class Net, Layout Target, FuseOptions Fuse = FuseOptions{}, RecomputeOptions Recompute = RecomputeOptions{}>
inline constexpr auto training_plan = [] {
  constexpr auto& both = training_graph<Net, Fuse>;
  if constexpr (!Recompute.enabled) {
    return schedule(in_order<both.capacity>(both), Target);
  } else if constexpr (Target.by_group) {
    return schedule(recompute<recomputed_bound(both, Recompute)>(both, Recompute), Target);
  } else {
    constexpr auto& again = training_graph_made_again<Net, Fuse, Recompute>;
    return schedule(in_order<again.capacity>(again), Target);
  }
}();

}  // namespace strata::graph

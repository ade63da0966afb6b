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
template <class Net, FuseOptions Fuse = FuseOptions{}, RewriteOptions Rewrite = RewriteOptions{}>
inline constexpr auto inference_graph = [] {
  constexpr auto& forward = lowered<Net>.graph;
  constexpr auto rewritten = rewrite<rewritten_bound(forward, Mode::inference)>(forward, Mode::inference, Rewrite);
  constexpr auto fused = fuse(rewritten, Mode::inference, Fuse);
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
template <class Net, FuseOptions Fuse = FuseOptions{}, RewriteOptions Rewrite = RewriteOptions{}>
inline constexpr auto training_forward = [] {
  static_assert(detail::accept<TrainingOf<Net>>());
  constexpr auto& forward = lowered<Net>.graph;
  constexpr auto rewritten = rewrite<rewritten_bound(forward, Mode::training)>(forward, Mode::training, Rewrite);
  constexpr auto fused = fuse(rewritten, Mode::training, Fuse);
  return resized<fused.count>(fused);
}();

/// Training: differentiated.
template <class Net, FuseOptions Fuse = FuseOptions{}, RewriteOptions Rewrite = RewriteOptions{}>
inline constexpr auto training_graph = [] {
  constexpr auto& forward = training_forward<Net, Fuse, Rewrite>;
  constexpr auto both =
      differentiate<differentiated_bound(forward)>(forward, FunctorNeeds<functors<Net>>::reads_input);
  return resized<both.count>(both);
}();

/// Ordered by phase: inference.
template <class Net, FuseOptions Fuse, RewriteOptions Rewrite>
inline constexpr auto inference_phased = [] {
  constexpr auto& fused = inference_graph<Net, Fuse, Rewrite>;
  return in_order<fused.capacity>(fused);
}();

/// Training by node: with copies of light forward nodes in the backward pass.
template <class Net, FuseOptions Fuse, RecomputeOptions Recompute, RewriteOptions Rewrite>
inline constexpr auto training_graph_made_again = [] {
  constexpr auto& both = training_graph<Net, Fuse, Rewrite>;
  constexpr auto again = make_again<2 * both.capacity>(both, Recompute);
  return resized<again.count>(again);
}();

/// Ordered by phase: training. Values cross phases by group, and the loss by node; what is cheap is made again behind them.
template <class Net, bool ByGroup, FuseOptions Fuse, RecomputeOptions Recompute, RewriteOptions Rewrite>
inline constexpr auto training_phased = [] {
  constexpr auto& both = training_graph<Net, Fuse, Rewrite>;
  if constexpr (!Recompute.enabled) {
    return in_order<both.capacity>(both);
  } else if constexpr (ByGroup) {
    return recompute<recomputed_bound(both, Recompute)>(both, Recompute);
  } else {
    constexpr auto& again = training_graph_made_again<Net, Fuse, Recompute, Rewrite>;
    return in_order<again.capacity>(again);
  }
}();

/// The schedule with the smallest frame.
template <const auto& Phased, Layout Target>
inline constexpr auto smallest_schedule = [] {
  constexpr auto in_order_of_birth = schedule(Phased, Target, PlaceFirst::none);
  constexpr auto largest_first = schedule(Phased, Target, PlaceFirst::largest);
  constexpr auto longest_first = schedule(Phased, Target, PlaceFirst::longest_living);
  constexpr bool by_size = largest_first.frame < in_order_of_birth.frame;
  if constexpr (longest_first.frame < (by_size ? largest_first : in_order_of_birth).frame) return longest_first;
  else if constexpr (by_size) return largest_first;
  else return in_order_of_birth;
}();

template <class Net, Layout Target, FuseOptions Fuse = FuseOptions{}, RewriteOptions Rewrite = RewriteOptions{}>
inline constexpr auto& inference_plan = smallest_schedule<inference_phased<Net, Fuse, Rewrite>, Target>;

template <class Net, Layout Target, FuseOptions Fuse = FuseOptions{}, RecomputeOptions Recompute = RecomputeOptions{},
          RewriteOptions Rewrite = RewriteOptions{}>
inline constexpr auto& training_plan = smallest_schedule<training_phased<Net, Target.by_group, Fuse, Recompute, Rewrite>, Target>;

}  // namespace strata::graph

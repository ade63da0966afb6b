// SPDX-License-Identifier: MIT
// Every pass on more than 800 nodes, within the compilers' default limits of constant evaluation.
#include <strata/graph/differentiate.hpp>
#include <strata/graph/fuse.hpp>
#include <strata/graph/recompute_by_node.hpp>
#include <strata/graph/rewrite.hpp>
#include <strata/graph/schedule.hpp>

#include <doctest/doctest.h>

#include "../support/graphs.hpp"

using namespace strata::graph;

namespace {
constexpr bool relu_reads_input[] = {false};
constexpr int blocks = 170;
constexpr auto declared = chain_graph<blocks>();
constexpr auto rewritten = rewrite<declared.capacity + blocks>(declared, Mode::training);
constexpr auto fused = fuse(rewritten, Mode::training);
constexpr auto forward = resized<fused.count>(fused);
constexpr auto differentiated = differentiate<differentiated_bound(forward)>(forward, relu_reads_input);
constexpr auto both = resized<differentiated.count>(differentiated);
static_assert(both.count > 800);
constexpr auto by_node = schedule(recompute<both.capacity>(both, {.enabled = false}), Layout{});
constexpr auto recomputed = recompute_by_node<2 * both.capacity>(both, {.least_floats = 0});
constexpr auto by_node_recomputed = schedule(in_order<2 * both.capacity>(recomputed), Layout{});
constexpr auto largest_first = schedule(in_order<2 * both.capacity>(recomputed), Layout{}, PlaceFirst::largest);
constexpr auto latest_first = schedule(in_order<both.capacity>(both), Layout{}, PlaceFirst::latest_death);
constexpr auto phased = recompute<2 * both.capacity>(both);
constexpr auto by_group = schedule(phased, Layout{16, true});
}  // namespace

TEST_CASE("the passes handle 800 nodes") {
  CHECK(by_node.count == both.count);
  CHECK(by_node.frame > 0);
  CHECK(recomputed.count == both.count + blocks + 1);  // every normalize and the input
  CHECK(by_node_recomputed.frame < by_node.frame);
  CHECK(largest_first.frame < by_node.frame);
  CHECK(latest_first.frame > largest_first.frame);
  CHECK(by_group.count > both.count);
  CHECK(by_group.phases == 2 * blocks + 1);
  CHECK(by_group.frame < by_node.frame);
}

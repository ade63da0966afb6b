// SPDX-License-Identifier: MIT
#include <strata/graph/plans.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include "../support/graphs.hpp"
#include "../support/training_nodes.hpp"

using namespace strata;
using namespace strata::models;
using namespace strata::graph;

namespace {
constexpr PlanOptions joined{.fuse = {.joins = true}};

struct Joins {
  int adds = 0, masks = 0;
  bool operator==(const Joins&) const = default;
};
template <int Capacity>
constexpr Joins joins_of(const Graph<Capacity>& graph) {
  Joins out;
  for (int i = 0; i < graph.count; i++) {
    if (!traits(graph.nodes[i].op).joins) continue;
    out.adds += graph.nodes[i].inputs.has(Input::residual);
    out.masks += graph.nodes[i].inputs.has(Input::mask);
  }
  return out;
}
}  // namespace

TEST_CASE("at a residual block's join the later product adds the other gradient and applies the ReLU's") {
  using Net = Network<Image<8, 8, 2>, Conv<3, 4>, ReLU, Residual<Sequential<Conv<3, 4>, ReLU, Conv<3, 4>>>, Conv<1, 3>,
                      PixelSoftmax>;
  constexpr auto& graph = nodes_of<Net, joined>;
  static_assert(well_formed(graph));
  CHECK(joins_of(nodes_of<Net>) == Joins{});
  CHECK(joins_of(graph) == Joins{1, 2});
  CHECK(count_of(nodes_of<Net>, Op::pointwise_gradient) == 2);
  CHECK(count_of(graph, Op::pointwise_gradient) == 0);
  CHECK(count_of(graph, Op::sum) == 1);  // the forward pass's
  for (int i = 0; i < graph.count; i++) {
    const Node& node = graph.nodes[i];
    if (!traits(node.op).joins || !node.inputs.has(Input::mask)) continue;
    CHECK(node.inputs.count == 2 + node.inputs.has(Input::residual));
    CHECK(graph.nodes[node.inputs[Input::mask]].op == Op::pointwise);
    CHECK(graph.nodes[node.inputs[Input::mask]].out == node.out);
  }
}

TEST_CASE("what is not a ReLU, or has other readers, stays a node") {
  using Curved = Network<Image<8, 8, 2>, Conv<3, 4>, Tanh, Conv<3, 4>, Tanh, Conv<1, 3>, PixelSoftmax>;
  using Pooled = Network<Image<8, 8, 2>, Conv<3, 4>, ReLU, MaxPool<2>, Conv<1, 3>, PixelSoftmax>;
  using Forked = Network<Image<8, 8, 2>, Conv<3, 4>, Residual<ReLU>, Residual<Conv<3, 4>>, Conv<1, 3>, PixelSoftmax>;
  CHECK(joins_of(nodes_of<Curved, joined>) == Joins{});
  CHECK(joins_of(nodes_of<Pooled, joined>) == Joins{});
  CHECK(joins_of(nodes_of<Forked, joined>) == Joins{1, 0});
}

TEST_CASE("DeepLabv3+ has fewer nodes and no larger frame") {
  using Street = DeepLabv3Plus<Image<360, 480, 3>, 11, TorchvisionLike>;
  constexpr auto& before = nodes_of<Street>;
  constexpr auto& after = nodes_of<Street, joined>;
  CHECK(joins_of(after) == Joins{12, 8});
  CHECK(after.count + 20 == before.count);
  constexpr Layout by_node{};
  CHECK(training_plan<Street, by_node, joined>.frame <= training_plan<Street, by_node>.frame);
}

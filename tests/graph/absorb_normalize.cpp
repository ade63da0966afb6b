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
constexpr PlanOptions without_prologues{.fuse = {.prologues = false}};

template <int Capacity>
constexpr int count_of(const Graph<Capacity>& graph, Prologue::Kind kind) {
  int count = 0;
  for (int i = 0; i < graph.count; i++) count += graph.nodes[i].prologue.kind == kind;
  return count;
}
}  // namespace

TEST_CASE("a batch norm between convolutions is done by the second one and by its weight gradient") {
  using Net = Network<Image<8, 8, 2>, Conv<3, 4>, BatchNorm, ReLU, Conv<3, 5>, BatchNorm, Conv<1, 3>, PixelSoftmax>;
  constexpr auto& graph = nodes_of<Net>;
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::normalize) == 0);
  CHECK(count_of(nodes_of<Net, without_prologues>, Op::normalize) > 0);
  CHECK(count_of(graph, Prologue::affine_relu) == 2);
  CHECK(count_of(graph, Prologue::affine) == 2);
  for (int i = 0; i < graph.count; i++) {
    const Node& node = graph.nodes[i];
    if (node.prologue.kind == Prologue::none) continue;
    CHECK(traits(node.op).prologue);
    CHECK(node.prologue.scale >= 0);
    CHECK(node.prologue.shift == node.prologue.scale + node.in.channels);
    CHECK(graph.nodes[node.inputs[Input::x]].op == Op::convolution);
    const Node& statistics = graph.nodes[node.inputs[Input::statistics]];
    CHECK(statistics.op == Op::batch_statistics);
    CHECK(statistics.inputs[Input::x] == node.inputs[Input::x]);
  }
}

TEST_CASE("a batch norm with another reader, or before a pool or another functor, is computed") {
  using Skip = Network<Image<8, 8, 2>, Conv<3, 4>, BatchNorm, ReLU, Residual<Conv<3, 4>>, Conv<1, 3>, PixelSoftmax>;
  using Pooled = Network<Image<8, 8, 2>, Conv<3, 4>, BatchNorm, ReLU, MaxPool<2>, Conv<1, 3>, PixelSoftmax>;
  using Curved = Network<Image<8, 8, 2>, Conv<3, 4>, BatchNorm, Tanh, Conv<1, 3>, PixelSoftmax>;
  using Deep = Network<Image<8, 8, 2>, Conv<3, 4>, BatchNorm, ReLU, DepthwiseConv<3>, Conv<1, 3>, PixelSoftmax>;
  CHECK(count_of(nodes_of<Skip>, Op::normalize) > 0);
  CHECK(count_of(nodes_of<Pooled>, Op::normalize) > 0);
  CHECK(count_of(nodes_of<Curved>, Op::normalize) > 0);
  CHECK(count_of(nodes_of<Deep>, Op::normalize) > 0);
}

TEST_CASE("a batch norm that a convolution also adds to its sums is computed") {
  constexpr auto graph = [] {
    Graph<6> g;
    const int x = append(g, {.op = Op::input, .out = {4, 4, 2}, .buffers = 0}, -1);
    const int statistics = append(g, {.op = Op::batch_statistics, .out = {1, 1, 4}, .buffers = 4}, x);
    const int normalized = append(g, {.op = Op::normalize, .out = {4, 4, 2}, .weights = 0, .bias = 2}, x);
    g.nodes[normalized].inputs.add(Input::statistics, statistics);
    const int sum =
        append(g, {.op = Op::convolution, .out = {4, 4, 2}, .window = window_3x3, .weights = 4}, normalized);
    g.nodes[sum].inputs.add(Input::residual, normalized);
    return absorb_normalize(g);
  }();
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::normalize) == 1);
  CHECK(graph.nodes[graph.result].prologue.kind == Prologue::none);
}

TEST_CASE("DeepLabv3+ trains in a smaller frame") {
  using Street = DeepLabv3Plus<Image<360, 480, 3>, 11, TorchvisionLike>;
  constexpr Layout by_node{};
  constexpr long with = training_plan<Street, by_node>.frame,
                 without = training_plan<Street, by_node, without_prologues>.frame;
  CHECK(with < without);
  CHECK(count_of(nodes_of<Street>, Op::normalize) < count_of(nodes_of<Street, without_prologues>, Op::normalize));
}

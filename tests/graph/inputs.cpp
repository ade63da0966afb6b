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

TEST_CASE("an input is found by its name, whatever its place") {
  constexpr graph::Inputs inputs{{Input::dy, 7}, {Input::x, 3}, {Input::statistics, 5}};
  static_assert(inputs.count == 3 && inputs.first() == 7);
  static_assert(inputs[Input::x] == 3 && inputs[Input::statistics] == 5 && inputs[2] == 5);
  static_assert(inputs.index(Input::statistics) == 2 && inputs.has(Input::dy));
  static_assert(inputs[Input::residual] == -1 && inputs.index(Input::residual) == -1 && !inputs.has(Input::residual));
  static_assert(graph::Inputs{}.first() == -1 && graph::Inputs{}[Input::x] == -1);
  constexpr graph::Inputs replaced = [] {
    graph::Inputs changed{{Input::dy, 7}, {Input::x, 3}};
    changed.replace(Input::x, 4);
    changed.add(Input::statistics, 5);
    return changed;
  }();
  static_assert(replaced == graph::Inputs{{Input::dy, 7}, {Input::x, 4}, {Input::statistics, 5}});
  static_assert(replaced != inputs);
}

TEST_CASE("terms of one name keep their order; the name means the first") {
  constexpr graph::Inputs terms{{Input::x, 4}, {Input::x, 2}, {Input::x, 4}};
  static_assert(terms[Input::x] == 4 && terms.index(Input::x) == 0);
  int sum = 0, count = 0;
  for (const int term : terms) sum += term, count++;
  CHECK(sum == 10);
  CHECK(count == 3);
}

TEST_CASE("a kernel finds a value under the name that the node gave it") {
  const float x = 1, other = 2, residual = 3;
  InputPointers<const float*> pointers;
  CHECK(pointers.count() == 0);
  CHECK(pointers.first() == nullptr);
  pointers.add(Input::x, &x), pointers.add(Input::x, &other), pointers.add(Input::residual, &residual);
  CHECK(pointers.count() == 3);
  CHECK(pointers[Input::x] == &x);
  CHECK(pointers.first() == &x);
  CHECK(pointers[1] == &other);
  CHECK(pointers[Input::residual] == &residual);
  CHECK(pointers[Input::mask] == nullptr);
}

TEST_CASE("every pass names the inputs that it adds") {
  using Street = DeepLabv3Plus<Image<72, 96, 3>, 11, TorchvisionLike>;
  using Squeezed = Network<Image<8, 8, 2>, Conv<3, 4>, BatchNorm, ReLU,
                           Multiply<Identity, Sequential<GlobalAvgPool, Conv<1, 4>, Sigmoid>>, Dense<3>, Softmax>;
  static_assert(well_formed(inference_graph<Street>));
  static_assert(well_formed(nodes_of<Street>));
  static_assert(well_formed(nodes_of<Street, PlanOptions{.fuse = {.joins = true}}>));
  using Normed = Network<Image<8, 8, 2>, Conv<3, 4>, GroupNorm<2>, PReLU, LayerNorm, LocalResponseNorm<3>,
                         Maximum<Identity, Conv<1, 4>>, Dense<3>, Softmax>;
  static_assert(well_formed(inference_graph<Normed>));
  static_assert(well_formed(nodes_of<Normed>));
  static_assert(well_formed(nodes_of<Normed, PlanOptions{.fuse = {.joins = true}}>));
  static_assert(well_formed(inference_graph<Squeezed>));
  static_assert(well_formed(nodes_of<Squeezed>));
  constexpr auto& graph = nodes_of<Squeezed>;
  for (int i = 0; i < graph.count; i++) {
    const graph::Inputs& in = graph.nodes[i].inputs;
    if (graph.nodes[i].op == Op::scale) CHECK(in == graph::Inputs{{Input::x, in[0]}, {Input::factor, in[1]}});
    if (graph.nodes[i].op == Op::scale_gradient) CHECK(in == graph::Inputs{{Input::dy, in[0]}, {Input::x, in[1]}});
  }
}

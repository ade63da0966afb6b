// SPDX-License-Identifier: MIT
#include <strata/graph/differentiate.hpp>
#include <strata/graph/fuse.hpp>
#include <strata/graph/rewrite.hpp>

#include <doctest/doctest.h>

#include <set>

#include "../support/graphs.hpp"

using namespace strata::graph;

namespace {
constexpr bool relu_reads_input[] = {false};

template <int Capacity>
constexpr auto training(const Graph<Capacity>& graph) {
  return differentiate<200>(fuse(rewrite<2 * Capacity>(graph, Mode::training), Mode::training), relu_reads_input);
}
}  // namespace

TEST_CASE("the digits network's backward pass") {
  constexpr auto graph = training(digits_graph());
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::convolution_weight_gradient) == 3);
  CHECK(count_of(graph, Op::convolution_input_gradient) == 2);  // none for the images
  CHECK(count_of(graph, Op::normalize_reductions) == 3);
  CHECK(count_of(graph, Op::normalize_input_gradient) == 3);
  CHECK(count_of(graph, Op::dense_weight_gradient) == 1);
  CHECK(count_of(graph, Op::sum) == 0);
  CHECK(graph.count <= differentiated_bound(fuse(rewrite<28>(digits_graph(), Mode::training), Mode::training)));
}

TEST_CASE("gradients of a value with several readers are added") {
  constexpr auto graph = training(branched_graph());
  static_assert(well_formed(graph));
  // The skip is read by a convolution, a sum and a concat: two sums of gradients in addition to the forward sum.
  CHECK(count_of(graph, Op::sum) == 3);
  std::set<int> addends;  // three gradients and the first sum, each added once
  for (int i = graph.result + 1; i < graph.count; i++)
    if (graph.nodes[i].op == Op::sum) addends.insert({graph.nodes[i].inputs[0], graph.nodes[i].inputs[1]});
  CHECK(addends.size() == 4);
  CHECK(count_of(graph, Op::slice) == 2);
  CHECK(count_of(graph, Op::dropout_gradient) == 1);
  int channels = 0;
  for (int i = 0; i < graph.count; i++)
    if (graph.nodes[i].op == Op::slice) channels += graph.nodes[i].offset_channel;
  CHECK(channels == 4);
}

TEST_CASE("shapes and attributes of gradient nodes") {
  constexpr auto graph = training(digits_graph());
  for (int i = 0; i < graph.count; i++) {
    const Node& node = graph.nodes[i];
    if (node.op == Op::convolution_weight_gradient) {
      CHECK(node.in == graph.nodes[node.inputs[Input::x]].out);
      CHECK(node.out == graph.nodes[node.inputs[Input::dy]].out);
    }
    if (node.op == Op::normalize_input_gradient) {
      CHECK(node.inputs.count == 4);
      CHECK(node.out == graph.nodes[node.inputs[Input::x]].out);
      CHECK(graph.nodes[node.inputs[Input::statistics]].op == Op::batch_statistics);
      CHECK(graph.nodes[node.inputs[Input::reductions]].op == Op::normalize_reductions);
      CHECK(node.mid == node.out);
      CHECK(node.epilogue.functor == relu_functor);
    }
  }
}

// SPDX-License-Identifier: MIT
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
constexpr RecomputeOptions all{.least_floats = 0}, first_too{.least_floats = 0, .first_convolution = true};

template <int Capacity>
constexpr auto training(const Graph<Capacity>& graph) {
  return differentiate<300>(fuse(rewrite<2 * Capacity>(graph, Mode::training), Mode::training), relu_reads_input);
}
constexpr auto chain = training(chain_graph<6>());
constexpr auto recomputed = recompute_by_node<400>(chain, all);

/// convolution, relu, convolution without batch norms: only the relu needs its input.
constexpr auto bare = [] {
  Graph<8> g;
  int x = append(g, {.op = Op::input, .out = {6, 6, 2}, .buffers = 0}, -1);
  x = append(g, {.op = Op::convolution, .out = {6, 6, 4}, .window = window_3x3, .weights = 0}, x);
  x = append(g, {.op = Op::pointwise, .out = {6, 6, 4}, .epilogue = {.functor = relu_functor}}, x);
  x = append(g, {.op = Op::convolution, .out = {6, 6, 3}, .window = window_3x3, .weights = 72}, x);
  append(g, {.op = Op::softmax, .out = {6, 6, 3}}, x);
  return training(g);
}();

/// Blocks with a skip, one after the other: sum and relu read the sum of the previous block.
template <int Blocks>
constexpr auto residual_graph() {
  Graph<1 + 5 * Blocks + 2> g;
  Offsets at{0, 4};
  int x = append(g, {.op = Op::input, .out = {8, 8, 2}, .buffers = 0}, -1);
  x = append_block(g, x, 4, at);
  for (int b = 1; b < Blocks; b++) {
    const int skip = x;
    x = append_block(g, x, 4, at);
    x = append(g, {.op = Op::sum, .out = {8, 8, 4}}, x);
    g.nodes[x].inputs.add(Input::x, skip);
    x = append(g, {.op = Op::pointwise, .out = {8, 8, 4}, .epilogue = {.functor = relu_functor}}, x);
  }
  append(g, {.op = Op::softmax, .out = {8, 8, 4}}, x);
  return g;
}
}  // namespace

TEST_CASE("the backward pass reads no stored batch norm, and the forward pass is as it was") {
  static_assert(well_formed(recomputed));
  CHECK(recomputed.result == chain.result);
  for (int i = 0; i <= chain.result; i++) CHECK(recomputed.nodes[i] == chain.nodes[i]);
  for (int i = recomputed.result + 1; i < recomputed.count; i++)
    for (const int input : recomputed.nodes[i].inputs) {
      if (input < recomputed.result) CHECK_FALSE(recomputed.nodes[input].op == Op::normalize);
    }
  CHECK(count_of(recomputed, Op::normalize) == 2 * count_of(chain, Op::normalize));
  CHECK(count_of(recomputed, Op::convolution) == count_of(chain, Op::convolution));
  CHECK(schedule(in_order<400>(recomputed), Layout{}).frame < schedule(in_order<300>(chain), Layout{}).frame);
}

TEST_CASE("a copy is right before its first reader, or before a copy that reads it") {
  for (int i = recomputed.result + 1; i < recomputed.count; i++) {
    if (recomputed.nodes[i].op != Op::normalize) continue;
    bool read = false;
    for (const int input : recomputed.nodes[i + 1].inputs) read = read || input == i;
    CHECK(read);
  }
}

TEST_CASE("the convolution of the images is recomputed only on request") {
  constexpr auto first = recompute_by_node<400>(chain, first_too);
  static_assert(well_formed(first));
  CHECK(count_of(first, Op::convolution) == count_of(chain, Op::convolution) + 1);
  CHECK(count_of(recomputed, Op::input) == 2);
  for (int i = first.result + 1; i < first.count; i++)
    for (const int input : first.nodes[i].inputs) CHECK(input != find(chain, Op::convolution));
}

TEST_CASE("a value is not recomputed from one that would have to be stored for it") {
  constexpr auto graph = recompute_by_node<100>(bare, all);
  CHECK(count_of(graph, Op::pointwise) == 1);
  CHECK(count_of(graph, Op::input) == 2);
}

TEST_CASE("a chain of sums is cut by stored values") {
  constexpr auto graph = training(residual_graph<7>());
  constexpr auto two = recompute_by_node<500>(graph, all);
  static_assert(well_formed(two));
  int stored = 0, made = 0;
  bool read[500]{};
  for (int i = two.result + 1; i < two.count; i++) {
    made += two.nodes[i].op == Op::pointwise;
    for (const int input : two.nodes[i].inputs) read[input] = true;
  }
  for (int i = 0; i < two.result; i++) stored += read[i] && two.nodes[i].op == Op::pointwise;
  CHECK(stored >= 2);
  CHECK(made >= 2);
  constexpr auto more = recompute_by_node<500>(graph, {.moves_per_element = 1000, .least_floats = 0});
  CHECK(count_of(more, Op::pointwise) > count_of(two, Op::pointwise));
}

TEST_CASE("blocks of two convolutions: only what they start from is stored, and no convolution runs a third time") {
  constexpr auto graph = training(residual_graph<7>());
  constexpr auto blocks = recompute_by_node<500>(graph, {.least_floats = 0, .linear_in_a_row = 2});
  static_assert(well_formed(blocks));
  bool read[500]{};
  for (int i = blocks.result + 1; i < blocks.count; i++)
    for (const int input : blocks.nodes[i].inputs) read[input] = true;
  int stored = 0;
  for (int i = 0; i < blocks.result; i++) {
    CHECK_FALSE((read[i] && (blocks.nodes[i].op == Op::convolution || blocks.nodes[i].op == Op::normalize)));
    stored += read[i] && blocks.nodes[i].op == Op::pointwise;
  }
  CHECK(stored == 3);  // after blocks 2, 4 and 6
  CHECK(count_of(blocks, Op::convolution) == 2 * count_of(graph, Op::convolution));
  CHECK(schedule(in_order<500>(blocks), Layout{}).frame <
        schedule(in_order<500>(recompute_by_node<500>(graph, all)), Layout{}).frame);
}

TEST_CASE("small values are stored, and so is everything if the graph has no room for more nodes") {
  constexpr auto small = recompute_by_node<300>(chain, {});
  constexpr auto cramped = recompute_by_node<chain.count>(chain, all);
  static_assert(small.count == chain.count && cramped.count == chain.count);
  for (int i = 0; i < chain.count; i++) {
    CHECK(small.nodes[i] == chain.nodes[i]);
    CHECK(cramped.nodes[i] == chain.nodes[i]);
  }
}

TEST_CASE("a value that is not read for long is dropped and recomputed") {
  constexpr auto never = recompute_by_node<500>(training(residual_graph<7>()), {.least_floats = 0, .kept_nodes = 0});
  static_assert(well_formed(never));
  CHECK(never.count > recompute_by_node<500>(training(residual_graph<7>()), all).count);
}

TEST_CASE("inference recomputes nothing") {
  constexpr auto graph = rewrite<14>(digits_graph(), Mode::inference);
  CHECK(recompute_by_node<28>(graph, all).count == graph.count);
}

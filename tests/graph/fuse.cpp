// SPDX-License-Identifier: MIT
#include <strata/graph/fuse.hpp>
#include <strata/graph/rewrite.hpp>

#include <doctest/doctest.h>

#include "../support/graphs.hpp"

using namespace strata::graph;

TEST_CASE("the digits network is six kernels in inference") {
  constexpr auto graph = fuse(rewrite<14>(digits_graph(), Mode::inference), Mode::inference);
  static_assert(well_formed(graph));
  static_assert(graph.count == 6);
  const Node& first = graph.nodes[1];
  CHECK(first.op == Op::convolution);
  CHECK(first.epilogue.functor == relu_functor);
  CHECK(first.epilogue.pools);
  CHECK(first.mid == strata::Shape{28, 28, 8});
  CHECK(first.out == strata::Shape{14, 14, 8});
  CHECK_FALSE(graph.nodes[3].epilogue.pools);
}

TEST_CASE("in training only normalize takes the functor and the pool") {
  constexpr auto graph = fuse(rewrite<28>(digits_graph(), Mode::training), Mode::training);
  static_assert(well_formed(graph));
  CHECK(graph.count == 12);
  CHECK(count_of(graph, Op::max_pool) == 0);
  CHECK(count_of(graph, Op::pointwise) == 0);
  CHECK(graph.nodes[find(graph, Op::convolution)].epilogue.functor == no_functor);
}

TEST_CASE("a residual goes into the later convolution, with the functor after it") {
  constexpr auto graph = fuse(rewrite<16>(branched_graph(), Mode::inference), Mode::inference);
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::sum) == 0);
  const Node& convolution = graph.nodes[2];
  CHECK(convolution.inputs.has(Input::residual));
  CHECK(convolution.inputs.count == 2);
  CHECK(convolution.inputs[Input::residual] == 1);
  CHECK(convolution.epilogue.functor == relu_functor);
  CHECK_FALSE(graph.nodes[1].inputs.has(Input::residual));
}

TEST_CASE("every convolution takes the residual and the functor after it, in inference") {
  constexpr auto nodes = [](Op op, Mode mode) {
    Graph<5> g;
    int x = append(g, {.op = Op::input, .out = {4, 4, 2}, .buffers = 0}, -1);
    const int skip = x = append(g, {.op = Op::pointwise, .out = {4, 4, 2}, .epilogue = {.functor = relu_functor}}, x);
    x = append(g, {.op = op, .out = {4, 4, 2}, .window = window_3x3, .weights = 0}, x);
    x = append(g, {.op = Op::sum, .out = {4, 4, 2}}, x);
    g.nodes[x].inputs.add(Input::x, skip);
    append(g, {.op = Op::pointwise, .out = {4, 4, 2}, .epilogue = {.functor = 1}}, x);
    return fuse(g, mode);
  };
  for (const Op op :
       {Op::convolution, Op::depthwise_convolution, Op::grouped_convolution, Op::transposed_convolution}) {
    INFO(name(op));
    const auto fused = nodes(op, Mode::inference);
    REQUIRE(fused.count == 3);
    CHECK(fused.nodes[2].inputs[Input::residual] == 1);
    CHECK(fused.nodes[2].epilogue.functor == 1);
    CHECK(nodes(op, Mode::training).count == 5);
  }
}

TEST_CASE("a value with two readers keeps its node") {
  constexpr auto graph = [] {
    Graph<5> g;
    int x = append(g, {.op = Op::input, .out = {4, 4, 1}, .buffers = 0}, -1);
    const int shared = append(g, {.op = Op::convolution, .out = {4, 4, 2}, .window = window_3x3, .weights = 0}, x);
    x = append(g, {.op = Op::pointwise, .out = {4, 4, 2}, .epilogue = {.functor = relu_functor}}, shared);
    x = append(g, {.op = Op::sum, .out = {4, 4, 2}}, x);
    g.nodes[x].inputs.add(Input::x, shared);
    return fuse(g, Mode::inference);
  }();
  CHECK(count_of(graph, Op::pointwise) == 1);
}

TEST_CASE("overlapping, padded and large pools are not fused") {
  constexpr auto kernels = [](strata::core::Window window, FuseOptions options) {
    Graph<3> g;
    int x = append(g, {.op = Op::input, .out = {8, 8, 1}, .buffers = 0}, -1);
    x = append(g, {.op = Op::convolution, .out = {8, 8, 2}, .window = window_3x3, .weights = 0}, x);
    append(g, {.op = Op::max_pool, .out = {4, 4, 2}, .window = window}, x);
    return fuse(g, Mode::inference, options).count;
  };
  CHECK(kernels(window_2x2, {}) == 2);
  CHECK(kernels({{3, 2, 1, 1, 0}, {3, 2, 1, 1, 0}}, {}) == 3);
  CHECK(kernels(window_2x2, {.pooled_floats = 127}) == 3);
}

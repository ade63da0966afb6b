// SPDX-License-Identifier: MIT
#include <strata/graph/op_traits.hpp>

#include <doctest/doctest.h>

#include <cstring>
#include <set>
#include <string>

using namespace strata;
using namespace strata::graph;

namespace {

constexpr Shape map{4, 6, 3};

/// A node with two inputs.
constexpr Node node_of(Op op, Input first = Input::x, Input second = Input::x, bool pools = false) {
  return {
      .op = op, .in = map, .out = map, .inputs = {{first, 0}, {second, 1}}, .epilogue = {.pools = pools}, .mid = map};
}

/// The op's gradient nodes, when everything before it learns: appended after three forward nodes, the last of which is
/// it.
struct Gradients {
  Node nodes[16]{};
  int adjoint[16]{};
  int count = 0;
};

constexpr Gradients gradients_of(Node node, bool frozen = false, bool learns_before = true, Shape second = map) {
  Gradients g;
  const bool needed[16] = {learns_before, learns_before, true}, reads_input[] = {false, true};
  for (int& value : g.adjoint) value = -1;
  g.nodes[0] = g.nodes[1] = {.op = Op::input, .out = map};
  g.nodes[1].out = second;
  node.frozen = frozen;
  g.nodes[2] = node;
  g.nodes[3] = {.op = Op::input, .out = node.out};  // stands for dy
  g.adjoint[2] = 3;
  Backward backward{g.nodes, 4, g.adjoint, needed, reads_input};
  traits(node.op).gradient(backward, 2);
  g.count = backward.count;
  return g;
}

}  // namespace

TEST_CASE("every op has a name of its own") {
  std::set<std::string> names;
  for (int i = 0; i < op_count; i++) names.insert(name(Op(i)));
  CHECK(names.size() == std::size_t(op_count));
}

TEST_CASE("a gradient belongs to a forward op, and only linear ops multiply") {
  for (int i = 0; i < op_count; i++) {
    const OpTraits& entry = traits(Op(i));
    INFO(entry.name);
    CHECK((entry.product != Product::none) == (graph::node_macs({.op = Op(i), .in = map, .out = map, .mid = map}) > 0));
    CHECK(is_linear(Op(i)) == (entry.product == Product::output));
    if (entry.family != Family::gradient) {
      CHECK(forward_of(Op(i)) == Op(i));
      continue;
    }
    const char* const forward = name(forward_of(Op(i)));
    CHECK(traits(forward_of(Op(i))).family != Family::gradient);
    CHECK(std::strncmp(entry.name, forward, std::strlen(forward)) == 0);
  }
}

TEST_CASE("a sum, a product and a maximum overwrite their first or second input, no other") {
  for (const Op op : {Op::sum, Op::scale, Op::maximum}) {
    CHECK(may_overwrite(node_of(op), 0));
    CHECK(may_overwrite(node_of(op), 1));
    CHECK_FALSE(may_overwrite(node_of(op), 2));
  }
}

TEST_CASE("what reads its neighbors overwrites nothing") {
  for (const Op op :
       {Op::convolution, Op::dense, Op::max_pool, Op::adaptive_max_pool, Op::concat, Op::resize, Op::resample, Op::crop,
        Op::flatten, Op::pad, Op::normalize, Op::softmax, Op::channel_window, Op::group_statistics})
    for (int input = 0; input < 3; input++) CHECK_FALSE(may_overwrite(node_of(op), input));
}

TEST_CASE("some overwrite an input under a condition") {
  CHECK(may_overwrite(node_of(Op::resize_taps, Input::x, Input::residual), 1));
  CHECK_FALSE(may_overwrite(node_of(Op::resize_taps, Input::x, Input::residual), 0));
  CHECK_FALSE(may_overwrite(node_of(Op::resize_taps), 1));
  CHECK(may_overwrite(node_of(Op::normalize_input_gradient, Input::dy), 0));
  CHECK_FALSE(may_overwrite(node_of(Op::normalize_input_gradient, Input::dy, Input::x, true), 0));
  CHECK_FALSE(may_overwrite(node_of(Op::normalize_input_gradient, Input::dy), 1));
}

TEST_CASE("a linear op: its weights' gradient from x and dy, then dx from dy") {
  const Gradients g =
      gradients_of({.op = Op::convolution, .in = map, .out = map, .inputs = {{Input::x, 1}}, .mid = map});
  REQUIRE(g.count == 6);
  CHECK(g.nodes[4].op == Op::convolution_weight_gradient);
  CHECK(g.nodes[4].inputs[Input::x] == 1);
  CHECK(g.nodes[4].inputs[Input::dy] == 3);
  CHECK(g.nodes[5].op == Op::convolution_input_gradient);
  CHECK(g.nodes[5].inputs[Input::dy] == 3);
  CHECK(g.nodes[5].inputs.count == 1);
  CHECK(g.adjoint[1] == 5);
}

TEST_CASE("a norm within an image: its weights' gradient, means over its groups, then dx") {
  const Node norm{.op = Op::group_norm,
                  .in = map,
                  .out = map,
                  .inputs = {{Input::x, 0}, {Input::statistics, 1}},
                  .mid = map,
                  .weights = 4,
                  .bias = 8};
  const Gradients g = gradients_of(norm, false, true, {1, 1, 6});
  REQUIRE(g.count == 7);
  CHECK(g.nodes[4].op == Op::group_norm_weight_gradient);
  CHECK(g.nodes[4].inputs == Inputs{{Input::x, 0}, {Input::dy, 3}, {Input::statistics, 1}});
  CHECK(g.nodes[5].op == Op::group_norm_reductions);
  CHECK(g.nodes[5].out == Shape{1, 1, 6});
  CHECK(g.nodes[6].op == Op::group_norm_input_gradient);
  CHECK(g.nodes[6].inputs == Inputs{{Input::dy, 3}, {Input::x, 0}, {Input::statistics, 1}, {Input::reductions, 5}});
  CHECK(g.adjoint[0] == 6);
  CHECK(g.adjoint[1] == -1);
  CHECK(gradients_of(norm, true, true, {1, 1, 6}).count == 6);
  CHECK(gradients_of(norm, false, false, {1, 1, 6}).count == 5);
}

TEST_CASE(
    "a window over channels is read the other way; slopes get their sums; of a maximum each operand gets its part") {
  Node window{.op = Op::channel_window, .in = map, .out = map, .inputs = {{Input::x, 1}}, .mid = map};
  window.window.rows = {.kernel = 4, .before = 2, .after = 1};
  const Gradients backward = gradients_of(window);
  REQUIRE(backward.count == 5);
  CHECK(backward.nodes[4].op == Op::channel_window);
  CHECK(backward.nodes[4].inputs == Inputs{{Input::dy, 3}});
  CHECK(backward.nodes[4].window.rows == core::Axis{.kernel = 4, .before = 1, .after = 2});
  const Gradients slopes =
      gradients_of({.op = Op::prelu, .in = map, .out = map, .inputs = {{Input::x, 1}}, .mid = map, .weights = 0});
  REQUIRE(slopes.count == 6);
  CHECK(slopes.nodes[4].inputs == Inputs{{Input::x, 1}, {Input::dy, 3}});
  CHECK(slopes.nodes[5].inputs == Inputs{{Input::dy, 3}, {Input::x, 1}});
  const Gradients largest = gradients_of(node_of(Op::maximum, Input::x, Input::other));
  REQUIRE(largest.count == 6);
  CHECK(largest.nodes[4].inputs == Inputs{{Input::dy, 3}, {Input::x, 0}, {Input::other, 1}});
  CHECK(largest.nodes[5].inputs == Inputs{{Input::dy, 3}, {Input::x, 1}, {Input::other, 0}});
}

TEST_CASE("frozen weights get no gradient; an input that nothing learned before gets none") {
  const Node dense{.op = Op::dense, .in = map, .out = {1, 1, 5}, .inputs = {{Input::x, 1}}, .mid = {1, 1, 5}};
  const Gradients frozen = gradients_of(dense, true);
  REQUIRE(frozen.count == 5);
  CHECK(frozen.nodes[4].op == Op::dense_input_gradient);
  const Gradients first = gradients_of(dense, false, false);
  REQUIRE(first.count == 5);
  CHECK(first.nodes[4].op == Op::dense_weight_gradient);
  CHECK(first.adjoint[1] == -1);
}

TEST_CASE("a functor's gradient reads x or y, as the functor needs") {
  Node node{
      .op = Op::pointwise, .in = map, .out = map, .inputs = {{Input::x, 1}}, .epilogue = {.functor = 0}, .mid = map};
  CHECK(gradients_of(node).nodes[4].inputs[Input::argument] == 2);  // y
  node.epilogue.functor = 1;
  CHECK(gradients_of(node).nodes[4].inputs[Input::argument] == 1);  // x
}

TEST_CASE("a value with two readers: their gradients are added") {
  const Gradients g =
      gradients_of({.op = Op::sum, .in = map, .out = map, .inputs = {{Input::x, 1}, {Input::x, 1}}, .mid = map});
  REQUIRE(g.count == 5);
  CHECK(g.nodes[4].op == Op::sum);
  CHECK(g.nodes[4].inputs[0] == 3);
  CHECK(g.nodes[4].inputs[1] == 3);
  CHECK(g.adjoint[1] == 4);
}

TEST_CASE("a product: da from dy and b; db from dy and a, summed over the pixels if b is a vector") {
  const Gradients maps = gradients_of(node_of(Op::scale, Input::x, Input::factor));
  REQUIRE(maps.count == 6);
  for (int k = 0; k < 2; k++) {
    CHECK(maps.nodes[4 + k].op == Op::scale);
    CHECK(maps.nodes[4 + k].inputs[Input::x] == 3);
    CHECK(maps.nodes[4 + k].inputs[Input::factor] == 1 - k);
    CHECK(maps.adjoint[k] == 4 + k);
  }
  const Gradients vector = gradients_of(node_of(Op::scale, Input::x, Input::factor), false, true, {1, 1, map.channels});
  REQUIRE(vector.count == 6);
  CHECK(vector.nodes[4].op == Op::scale);
  CHECK(vector.nodes[5].op == Op::scale_gradient);
  CHECK(vector.nodes[5].in == map);
  CHECK(vector.nodes[5].out == Shape{1, 1, 3});
  CHECK(vector.nodes[5].inputs[Input::dy] == 3);
  CHECK(vector.nodes[5].inputs[Input::x] == 0);
}

TEST_CASE("a concat gives each input its channels") {
  const Shape joined{4, 6, 6};
  const Gradients g = gradients_of(
      {.op = Op::concat, .in = map, .out = joined, .inputs = {{Input::x, 0}, {Input::x, 1}}, .mid = joined});
  REQUIRE(g.count == 6);
  for (int k = 0; k < 2; k++) {
    CHECK(g.nodes[4 + k].op == Op::slice);
    CHECK(g.nodes[4 + k].offset_channel == 3 * k);
    CHECK(g.nodes[4 + k].out == map);
    CHECK(g.adjoint[k] == 4 + k);
  }
}

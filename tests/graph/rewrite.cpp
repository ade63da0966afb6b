// SPDX-License-Identifier: MIT
#include <strata/graph/lower.hpp>
#include <strata/graph/rewrite.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include "../support/graphs.hpp"

using namespace strata::graph;

TEST_CASE("inference folds batch norm into its convolution") {
  constexpr auto graph = rewrite<14>(digits_graph(), Mode::inference);
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::batch_norm) == 0);
  CHECK(graph.count == 11);
  const Node& convolution = graph.nodes[find(graph, Op::convolution)];
  CHECK(convolution.folded.present);
  CHECK(convolution.folded.scale == 80);
  CHECK(convolution.folded.shift == 88);
  CHECK(convolution.folded.buffers == 2);
}

TEST_CASE("each rewrite can be switched off") {
  constexpr auto graph = rewrite<14>(digits_graph(), Mode::inference, {.fold_batch_norm = false});
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::batch_norm) == 3);
  using namespace strata;
  using namespace strata::core;
  using namespace strata::graph;
  using Net = Network<Image<5, 7, 2>, Conv<3, 4, Stride<2>>, Upsample<4>, CropToInput, PixelSoftmax>;
  constexpr auto& forward = lowered<Net>.graph;
  constexpr auto declared = rewrite<2 * forward.capacity>(forward, Mode::training, no_rewrites);
  static_assert(well_formed(declared));
  CHECK(count_of(declared, Op::resize) == 1);
  CHECK(count_of(declared, Op::crop) == 1);
  CHECK(declared.nodes[declared.result].factor == 1);
}

TEST_CASE("a batch norm after anything else stays") {
  constexpr auto graph = rewrite<16>(branched_graph(), Mode::inference);
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::batch_norm) == 1);
  CHECK_FALSE(graph.nodes[find(graph, Op::convolution)].folded.present);
}

TEST_CASE("a batch norm is not folded where its convolution has another reader") {
  constexpr auto graph = [] {
    Graph<8> g;
    int x = append(g, {.op = Op::input, .out = {4, 4, 1}, .buffers = 0}, -1);
    const int shared = append(g, {.op = Op::convolution, .out = {4, 4, 2}, .window = window_3x3, .weights = 0}, x);
    x = append(g, {.op = Op::batch_norm, .out = {4, 4, 2}, .weights = 20, .bias = 22, .buffers = 2}, shared);
    x = append(g, {.op = Op::sum, .out = {4, 4, 2}}, x);
    g.nodes[x].inputs.add(Input::x, shared);
    return rewrite<8>(g, Mode::inference);
  }();
  CHECK(count_of(graph, Op::batch_norm) == 1);
}

TEST_CASE("dropout, flatten before dense and idle crops vanish") {
  constexpr auto inference = rewrite<16>(branched_graph(), Mode::inference);
  CHECK(count_of(inference, Op::dropout) == 0);
  CHECK(count_of(inference, Op::flatten) == 0);
  CHECK(inference.nodes[find(inference, Op::dense)].in == strata::Shape{6, 5, 8});

  constexpr auto training = rewrite<32>(branched_graph(), Mode::training);
  CHECK(count_of(training, Op::dropout) == 1);

  constexpr auto cropped = [] {
    Graph<4> g;
    int x = append(g, {.op = Op::input, .out = {4, 4, 1}, .buffers = 0}, -1);
    x = append(g, {.op = Op::crop, .out = {4, 4, 1}}, x);
    append(g, {.op = Op::crop, .out = {2, 4, 1}, .offset_y = 1}, x);
    return rewrite<4>(g, Mode::inference);
  }();
  CHECK(count_of(cropped, Op::crop) == 1);
}

TEST_CASE("pools and resizes that change nothing vanish") {
  using namespace strata;
  using Net = Network<Image<6, 5, 2>, Conv<3, 4>, AdaptiveAvgPool<6, 5>, Upsample<1>, AdaptiveMaxPool<6, 5>,
                      Resize<6, 5, Nearest>, AvgPool<1>, PixelSoftmax>;
  constexpr auto& forward = lowered<Net>.graph;
  CHECK(forward.count == 8);
  CHECK(rewrite<forward.capacity>(forward, Mode::inference).count == 3);
  CHECK(rewrite<2 * forward.capacity>(forward, Mode::training).count == 3);
}

TEST_CASE("moves that move nothing vanish") {
  using namespace strata;
  constexpr auto rewritten = []<class Move>() {
    return rewrite<3>(lowered<Network<Image<5, 6, 2>, Move, Dense<3>>>.graph, Mode::training).count;
  };
  CHECK(rewritten.operator()<Slice<0, 2>>() == 2);
  CHECK(rewritten.operator()<PadTo<5, 6, Circular>>() == 2);
  CHECK(rewritten.operator()<PixelShuffle<1>>() == 2);
  CHECK(rewritten.operator()<PixelUnshuffle<1>>() == 2);
  CHECK(rewritten.operator()<Slice<1, 1>>() == 3);
}

TEST_CASE("a convolution pads more instead of reading a map in zeros, unless it would see nothing else") {
  using namespace strata;
  constexpr auto rewritten = []<class Pad, class Layer>() {
    return rewrite<3>(lowered<Network<Image<5, 6, 2>, Pad, Layer>>.graph, Mode::inference);
  };
  constexpr auto absorbed = rewritten.operator()<PadTo<6, 8, Offset<0, 1>>, Conv<3, 4>>();
  REQUIRE(absorbed.count == 2);
  CHECK(absorbed.nodes[1].in == Shape{5, 6, 2});
  CHECK(absorbed.nodes[1].window.rows == core::Axis{.kernel = 3, .before = 1, .after = 2});
  CHECK(absorbed.nodes[1].window.columns == core::Axis{.kernel = 3, .before = 2, .after = 2});
  CHECK(rewritten.operator()<PadTo<6, 8>, DepthwiseConv<3>>().count == 2);
  CHECK(rewritten.operator()<PadTo<7, 8, Offset<0, 1>>, Conv<3, 4>>().count == 3);
  CHECK(rewritten.operator()<PadTo<6, 8, Reflect>, Conv<3, 4>>().count == 3);
}

TEST_CASE("training splits batch norm and ends in a loss") {
  constexpr auto graph = rewrite<28>(digits_graph(), Mode::training);
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::batch_statistics) == 3);
  CHECK(count_of(graph, Op::normalize) == 3);
  CHECK(graph.nodes[graph.result].op == Op::loss);
  const Node& normalize = graph.nodes[find(graph, Op::normalize)];
  CHECK(normalize.inputs.count == 2);
  CHECK(graph.nodes[normalize.inputs[Input::statistics]].op == Op::batch_statistics);
}

TEST_CASE("the head does the resize and the crop that its scores come from") {
  using namespace strata;
  using Net = Network<Image<5, 7, 2>, Conv<3, 4, Stride<2>>, Upsample<4, ZeroExtended>, CropToInput, PixelSoftmax>;
  constexpr auto& forward = lowered<Net>.graph;
  constexpr auto inference = rewrite<forward.capacity>(forward, Mode::inference);
  static_assert(inference.count == 3);
  constexpr Node head = inference.nodes[2];
  static_assert(head.op == Op::softmax && head.inputs[Input::x] == 1 && head.factor == 4 &&
                head.mode == Interpolation::zero_extended);
  static_assert(head.in == Shape{3, 4, 4} && head.mid == Shape{5, 7, 4} && head.out == head.mid);
  static_assert(head.offset_y == 3 && head.offset_x == 4);
  constexpr auto training = rewrite<2 * forward.capacity>(forward, Mode::training);
  static_assert(training.count == 3);
  constexpr Node loss = training.nodes[2];
  static_assert(loss.op == Op::loss && loss.factor == 4 && loss.in == loss.out && loss.out == Shape{3, 4, 4});
  static_assert(loss.mid == Shape{5, 7, 4} && loss.offset_y == 3 && loss.offset_x == 4);
}

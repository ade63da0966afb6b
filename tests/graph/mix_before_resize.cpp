// SPDX-License-Identifier: MIT
#include <strata/graph/plans.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include "../support/graphs.hpp"

using namespace strata;
using namespace strata::graph;

namespace {
constexpr PlanOptions declared{.rewrite = {.mix_before_resize = false}};

using AtHead = Network<Image<5, 7, 2>, Conv<3, 4, Stride<2>>, ReLU, Upsample<2>, CropToInput, Conv<1, 3>, PixelSoftmax>;
using Body =
    Network<Image<4, 6, 2>, Conv<3, 8>, ReLU, Upsample<3>, Conv<1, 5>, BatchNorm, ReLU, Conv<3, 3>, PixelSoftmax>;

template <class Net, PlanOptions Options = PlanOptions{}>
constexpr long total_macs() {
  long total = 0;
  for (int i = 0; i < inference_graph<Net, Options>.count; i++)
    total += graph::node_macs(inference_graph<Net, Options>.nodes[i]);
  return total;
}
}  // namespace

TEST_CASE("a classifier after an enlargement classifies the low map, and the head enlarges its scores") {
  constexpr auto& graph = inference_graph<AtHead>;
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::resize) == 0);
  CHECK(count_of(graph, Op::crop) == 0);
  const Node& head = graph.nodes[graph.result];
  CHECK(head.op == Op::softmax);
  CHECK(head.factor == 2);
  CHECK(head.in == Shape{3, 4, 3});
  CHECK(head.out == Shape{5, 7, 3});
  const Node& classifier = graph.nodes[head.inputs[Input::x]];
  CHECK(classifier.op == Op::convolution);
  CHECK(classifier.out == Shape{3, 4, 3});
  CHECK(classifier.bias >= 0);
  CHECK(graph::node_macs(classifier) == 12 * 4 * 3);
  CHECK(count_of(training_graph<AtHead>, Op::resize_gradient) == 0);
  CHECK(count_of(inference_graph<AtHead, declared>, Op::resize) == 1);
}

TEST_CASE("the batch norm after it is folded into the convolution before the enlargement") {
  constexpr auto& graph = inference_graph<Body>;
  static_assert(well_formed(graph));
  CHECK(count_of(graph, Op::batch_norm) == 0);
  const Node& enlarged = graph.nodes[find(graph, Op::resize)];
  CHECK(enlarged.out == Shape{12, 18, 5});
  CHECK(graph.nodes[enlarged.inputs[Input::x]].op == Op::convolution);
  CHECK(graph.nodes[enlarged.inputs[Input::x]].folded.present);
  CHECK(total_macs<Body, declared>() - total_macs<Body>() == (12 * 18 - 4 * 6) * 8 * 5);
}

TEST_CASE("any enlargement trades places, and keeps its size and kind; a reduction does not") {
  using Nearby = Network<Image<4, 6, 2>, Conv<3, 8>, Upsample<Size{2, 3}, Nearest>, Conv<1, 5>, BatchNorm>;
  constexpr auto& graph = inference_graph<Nearby>;
  static_assert(well_formed(graph));
  const Node& enlarged = graph.nodes[graph.result];
  CHECK(enlarged.op == Op::resample);
  CHECK(enlarged.mode == Interpolation::nearest);
  CHECK(enlarged.out == Shape{8, 18, 5});
  CHECK(graph.nodes[enlarged.inputs[Input::x]].folded.present);
  using Smaller = Network<Image<4, 6, 2>, Conv<3, 8>, Resize<3, 5>, Conv<1, 5>>;
  CHECK(total_macs<Smaller>() == total_macs<Smaller, declared>());
}

TEST_CASE("anything but a plain mix of one enlarged map stays as declared") {
  using Wide = Network<Image<4, 6, 2>, Conv<3, 4>, Upsample<2>, Conv<3, 3>, PixelSoftmax>;
  using Strided = Network<Image<4, 6, 2>, Conv<3, 4>, Upsample<2>, Conv<1, 3, Stride<2>>, PixelSoftmax>;
  using Padded = Network<Image<4, 6, 2>, Conv<3, 4>, Upsample<2>, Conv<1, 3, Pad<1>>, PixelSoftmax>;
  using Zeros = Network<Image<4, 6, 2>, Conv<3, 4>, Upsample<2, ZeroExtended>, Conv<1, 3>, PixelSoftmax>;
  using Shared = Network<Image<4, 6, 2>, Conv<3, 4>, Upsample<2>, Residual<Conv<1, 4>>, PixelSoftmax>;
  CHECK(total_macs<Wide>() == total_macs<Wide, declared>());
  CHECK(total_macs<Strided>() == total_macs<Strided, declared>());
  CHECK(total_macs<Padded>() == total_macs<Padded, declared>());
  CHECK(total_macs<Zeros>() == total_macs<Zeros, declared>());
  CHECK(total_macs<Shared>() == total_macs<Shared, declared>());
}

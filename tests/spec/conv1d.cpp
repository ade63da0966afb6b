// SPDX-License-Identifier: MIT
// Signals, convolutions with options of their own, and channels relative to the input: shapes, weights, nodes.
#include <strata/graph/lower.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace strata;
using namespace strata::core;
using namespace strata::graph;

namespace {

template <class Input, class... Layer>
constexpr Shape shape_after = output_shape<Network<Input, Layer...>>;

template <class Net>
std::string text_of() {
  core::Text text;
  Net::spell(text);
  return text.text;
}

using Ring = Network<Signal<12, 4>, Conv1d<3, 6, Groups<2>, Circular>>;

}  // namespace

static_assert(shape_after<Signal<12, 3>, Conv1d<3, 8>> == Shape{1, 12, 8});
static_assert(shape_after<Signal<12, 3>, Conv1d<5, 8, Pad<0>, Stride<2>, Dilation<2>>> == Shape{1, 2, 8});
static_assert(shape_after<Signal<12, 3>, Conv1d<4, 8, Pad<2, 1>>> == Shape{1, 12, 8});
static_assert(shape_after<Signal<12, 3>, MaxPool1d<3>> == Shape{1, 4, 3});
static_assert(shape_after<Signal<12, 3>, AvgPool1d<3, Stride<2>, Pad<1>>> == Shape{1, 6, 3});
static_assert(shape_after<Image<5, 5, 3>, Conv<3, Times<2>>> == Shape{5, 5, 6});
static_assert(shape_after<Image<5, 5, 6>, Conv<1, Times<2, 3>>> == Shape{5, 5, 4});
static_assert(shape_after<Image<5, 5, 6>, TransposedConv<2, Times<1, 2>, Stride<2>>> == Shape{10, 10, 3});
static_assert(shape_after<Image<5, 6, 3>, TransposedConv<3, 2, Stride<2>, Pad<1>>> == Shape{9, 11, 2});
static_assert(shape_after<Image<5, 6, 3>, TransposedConv<3, 2, Stride<2>, Pad<1>, OutputPad<1>>> == Shape{10, 12, 2});

TEST_CASE("weights of a signal's convolution have rank 3") {
  const graph::Tensor& weight = lowered<Ring>.parameters[0];
  CHECK(weight.rank == 3);
  CHECK((weight.dims[0] == 6 && weight.dims[1] == 2 && weight.dims[2] == 3 && weight.dims[3] == 1));
  CHECK(weight.fan_in == 6);
  CHECK(std::string(tensor_name<Ring>(weight).text) == "0.weight");
  CHECK(parameters<Ring> == 6 * 2 * 3 + 6);
}

TEST_CASE("a padding that is not zeros is a node before the convolution, in the same layer") {
  const auto& net = lowered<Ring>;
  REQUIRE(net.graph.count == 3);
  CHECK(net.graph.nodes[1].op == Op::pad);
  CHECK(net.graph.nodes[1].padding == core::Padding::circular);
  CHECK(net.graph.nodes[1].out == Shape{1, 14, 4});
  CHECK(net.graph.nodes[2].op == Op::grouped_convolution);
  CHECK(net.graph.nodes[2].window.columns == Axis{.kernel = 3});
  CHECK(net.graph.nodes[1].layer == net.graph.nodes[2].layer);
  CHECK(lowered<Network<Signal<12, 4>, Conv1d<1, 6, Circular>>>.graph.count == 2);  // nothing to pad
}

TEST_CASE("spellings") {
  CHECK(text_of<Ring>() == "Network<Signal<12, 4>, Conv1d<3, 6, Groups<2>, Circular>>");
  CHECK(text_of<Network<Image<4, 4, 3>, Conv<3, Times<2>>, Conv<1, Times<1, 6>>>>() ==
        "Network<Image<4, 4, 3>, Conv<3, Times<2>>, Conv<1, Times<1, 6>>>");
  CHECK(std::string(lowered<Ring>.layers[0].kind) == "Signal");
}

TEST_CASE("relative channels lower to the same nodes as their numbers") {
  CHECK(lowered<Network<Image<4, 4, 3>, Conv<3, Times<2>>>>.graph.nodes[1] ==
        lowered<Network<Image<4, 4, 3>, Conv<3, 6>>>.graph.nodes[1]);
}

TEST_CASE("a kernel larger than its input needs Same or Pad") {
  CHECK(shape_after<Image<1, 1, 3>, Conv<3, 2, Same>> == Shape{1, 1, 2});
  CHECK(shape_after<Image<2, 2, 3>, DepthwiseConv<3, Pad<1>>> == Shape{2, 2, 3});
}

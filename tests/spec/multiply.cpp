// SPDX-License-Identifier: MIT
// A product of two branches: shapes, names and values; what may be multiplied. JoinCases has its networks for every
// back end.
#include <strata/cpu/cpu.hpp>
#include <strata/reference/check_gradients.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <string>

using namespace strata;
using namespace strata::core;
using namespace strata::graph;

namespace {

template <class... Layer>
using Excite = Sequential<GlobalAvgPool, Layer...>;

using Block = Network<Image<6, 5, 8>, Multiply<Identity, Excite<Conv<1, 2>, ReLU, Conv<1, 8>, Sigmoid>>, GlobalAvgPool,
                      Dense<3>, Softmax>;

/// The node that multiplies in Net as declared.
template <class Net>
constexpr graph::Node scale_of = [] {
  for (int i = 0; i < lowered<Net>.graph.count; i++)
    if (lowered<Net>.graph.nodes[i].op == graph::Op::scale) return lowered<Net>.graph.nodes[i];
  return graph::Node{};
}();

}  // namespace

TEST_CASE("shapes and names") {
  CHECK(scale_of<Block>.out == Shape{6, 5, 8});
  CHECK(std::string(tensor_name<Block>(lowered<Block>.parameters[0]).text) == "0.1.1.weight");
  CHECK(std::string(lowered<Block>.layers[scale_of<Block>.layer].spelled) ==
        "Multiply<Identity, Sequential<GlobalAvgPool, Conv<1, 2>, ReLU, Conv<1, 8>, Sigmoid>>");
}

TEST_CASE("the vector may be either branch, and is the node's second input") {
  using First = Network<Image<6, 5, 8>, Multiply<Excite<Conv<1, 4>>, Conv<3, 4>>>;
  using Second = Network<Image<6, 5, 8>, Multiply<Conv<3, 4>, Excite<Conv<1, 4>>>>;
  CHECK(output_shape<First> == Shape{6, 5, 4});
  CHECK(output_shape<Second> == Shape{6, 5, 4});
  CHECK(lowered<First>.graph.nodes[scale_of<First>.inputs[Input::factor]].out == Shape{1, 1, 4});
  CHECK(lowered<Second>.graph.nodes[scale_of<Second>.inputs[Input::factor]].out == Shape{1, 1, 4});
}

TEST_CASE("pixels times their mean, and times themselves") {
  using Net = Network<Image<2, 2, 2>, Multiply<Multiply<Identity, Identity>, GlobalAvgPool>>;
  const float image[] = {1, -1, 2, 0, 3, 4, 6, 1};
  float result[8] = {};
  Workers one(1);
  cpu::Inference<Net> inference(1, one);
  const float buffers[] = {1, 1, 0, 0};
  inference.load(nullptr, buffers);
  inference.run({.floats = image, .count = 1}, result);
  const float squares_times_means[] = {3, 1, 12, 0, 27, 16, 108, 1};
  for (int i = 0; i < 8; i++) CHECK(result[i] == squares_times_means[i]);
}

TEST_CASE("both programs of the CPU run it") { CHECK(cpu::lanes::supports<Block>()); }

TEST_CASE("the reference against differences") {
  CHECK(check_gradients<Multiply<Identity, Excite<Conv<1, 4>, Sigmoid>>>());
  CHECK(check_gradients<Multiply<Conv<1, 3>, Conv<3, 3>>>());
}

// SPDX-License-Identifier: MIT
// Products, differences and maxima of branches, and squeeze-and-excitation: shapes, names and values. JoinCases has
// their networks for every back end.
#include <strata/cpu/cpu.hpp>
#include <strata/reference/check_gradients.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <string>
#include <vector>

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

TEST_CASE("differences, and the largest of several, element by element") {
  using Difference = Network<Image<2, 1, 2>, Subtract<Multiply<Identity, Identity>, Identity>>;
  using Largest = Network<Image<2, 1, 2>, Maximum<Identity, Multiply<Identity, Identity>, GELU>>;
  const float image[] = {3, 0.5f, -1, -2};
  float result[4] = {};
  Workers one(1);
  const float buffers[] = {1, 1, 0, 0};
  cpu::Inference<Difference> difference(1, one);
  difference.load(nullptr, buffers);
  difference.run({.floats = image, .count = 1}, result);
  CHECK(std::vector<float>(result, result + 4) == std::vector<float>{6, -0.25f, 2, 6});
  cpu::Inference<Largest> largest(1, one);
  largest.load(nullptr, buffers);
  largest.run({.floats = image, .count = 1}, result);
  CHECK(std::vector<float>(result, result + 4) == std::vector<float>{9, 0.5f, 1, 4});
}

TEST_CASE("a difference is a sum with a negative term; a maximum of n has n - 1 nodes; of one branch none") {
  using Difference = Network<Image<4, 4, 2>, Subtract<Conv<1, 3>, Conv<1, 3>>>;
  CHECK(lowered<Difference>.graph.nodes[lowered<Difference>.graph.result].op == graph::Op::sum);
  CHECK(std::string(lowered<Difference>.layers[3].spelled) == "Subtract<Conv<1, 3>, Conv<1, 3>>");
  using Three = Network<Image<4, 4, 2>, Maximum<Identity, Identity, Identity>>;
  CHECK(lowered<Three>.graph.count == 3);
  CHECK(lowered<Network<Image<4, 4, 2>, Maximum<Identity>>>.graph.count == 1);
}

TEST_CASE("squeeze-and-excitation has torchvision's names, and as many gates as channels") {
  using Net = Network<Image<6, 5, 8>, SqueezeExcite<2>, Conv<1, 3>, SqueezeExcite<1, SiLU, HardSigmoid>>;
  static_assert(output_shape<Net> == Shape{6, 5, 3});
  static_assert(parameters<Net> == 8 * 2 + 2 + 2 * 8 + 8 + 8 * 3 + 3 + 3 + 1 + 3 + 3);
  const char* const names[] = {"0.fc1.weight", "0.fc1.bias", "0.fc2.weight", "0.fc2.bias",
                               "1.weight",     "1.bias",     "2.fc1.weight"};
  for (int t = 0; t < 7; t++) CHECK(std::string(tensor_name<Net>(lowered<Net>.parameters[t]).text) == names[t]);
  CHECK(std::string(lowered<Net>.layers[scale_of<Net>.layer].spelled) == "SqueezeExcite<2, ReLU, Sigmoid>");
}

TEST_CASE("both programs of the CPU run it") { CHECK(cpu::lanes::supports<Block>()); }

TEST_CASE("the reference against differences") {
  CHECK(check_gradients<Multiply<Identity, Excite<Conv<1, 4>, Sigmoid>>>());
  CHECK(check_gradients<Multiply<Conv<1, 3>, Conv<3, 3>>>());
  CHECK(check_gradients<Subtract<Conv<1, 3>, Conv<3, 3>>>());
  CHECK(check_gradients<Maximum<Conv<1, 3>, Conv<3, 3>, Conv<1, 3>>>());
  CHECK(check_gradients<SqueezeExcite<2>>());
}

// SPDX-License-Identifier: MIT
#include <strata/graph/score_gradient.hpp>
#include <strata/models/digits.hpp>
#include <strata/models/resnet18.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <string>

using namespace strata;
using namespace strata::graph;

namespace {

using Net = Network<Image<6, 6, 2>, Conv<3, 4>, BatchNorm, ReLU, Dropout<0.5>,
                    Named<"head", Sequential<Conv<1, 3>, Tanh>>, Conv<3, 2>, PixelSoftmax>;
constexpr bool reads_input[] = {false, false};

int count(const ScoreGradient& graph, Op op) {
  return int(std::count_if(graph.nodes.begin(), graph.nodes.end(), [&](const Node& node) { return node.op == op; }));
}

const char* path_of(const DeclaredNetwork& net, int value) { return net.layers[net.nodes[value].layer].path; }

}  // namespace

TEST_CASE("a layer is found by its path, and a group of layers by its first part") {
  const DeclaredNetwork& net = declared_network<ResNet18<Image<32, 32, 3>, 4>>;
  CHECK(std::string(path_of(net, value_at(net, "layer2.0.conv1"))) == "layer2.0.conv1");
  CHECK(std::string(path_of(net, value_at(net, "layer2"))) == "layer2.1.relu2");
  CHECK(std::string(path_of(net, value_at(net, "layer2.1"))) == "layer2.1.relu2");
  for (const char* none : {"", "layer", "layer2.", "layer2.1.relu", ".", "layer22", "Layer2"}) {
    INFO(std::string(none));
    CHECK(value_at(net, none) == -1);
  }
  const DeclaredNetwork& digits = declared_network<Digits<>>;
  CHECK(std::string(path_of(digits, value_at(digits, "1"))) == "1");  // not 10
}

TEST_CASE("the last map is what the layer of the scores reads, or the last before it that has more than one pixel") {
  const auto last = [](const DeclaredNetwork& net) { return std::string(path_of(net, last_map(net))); };
  CHECK(last(declared_network<Digits<>>) == "10");
  CHECK(last(declared_network<ResNet18<Image<64, 64, 3>, 4>>) == "layer4.1.relu2");
  CHECK(last(declared_network<Net>) == "head.1");
  CHECK(last(declared_network<Network<Image<8, 8, 1>, Conv<3, 4>, ReLU, MaxPool<2>, Flatten, Dense<9>, ReLU,
                                      Dropout<0.5>, Dense<3>, Softmax>>) == "2");
  CHECK(last(declared_network<Network<Image<8, 8, 1>, Conv<3, 4>, Upsample<2>, Conv<1, 2>, Upsample<2>>>) == "1");
  CHECK(last_map(declared_network<Network<Image<8, 8, 1>, Dense<3>, Softmax>>) == 0);
  CHECK(last_map(declared_network<Network<Image<8, 8, 1>, ReLU, PixelSoftmax>>) == 0);
}

TEST_CASE("inference as declared, then the gradient from the scores down to the value") {
  const DeclaredNetwork& net = declared_network<Net>;
  const ScoreGradient graph = score_gradient(net, value_at(net, "0"), reads_input);
  CHECK(count(graph, Op::dropout) == 0);
  CHECK(count(graph, Op::batch_norm) == 0);
  CHECK(count(graph, Op::batch_statistics) == 1);
  CHECK(count(graph, Op::softmax) == 0);
  CHECK(graph.nodes[std::size_t(graph.scores)].op == Op::convolution);
  CHECK(graph.seed == graph.scores + 1);
  CHECK(graph.nodes[std::size_t(graph.seed)].out == Shape{6, 6, 2});
  CHECK(graph.nodes[std::size_t(graph.value)].out == Shape{6, 6, 4});
  CHECK(graph.nodes[std::size_t(graph.gradient)].out == Shape{6, 6, 4});
  CHECK(count(graph, Op::convolution_input_gradient) == 2);
  CHECK(count(graph, Op::pointwise_gradient) == 2);
  CHECK(count(graph, Op::normalize_input_gradient) == 1);
  CHECK(count(graph, Op::convolution_weight_gradient) == 0);
  for (std::size_t i = 0; i < graph.nodes.size(); i++)
    for (const int input : graph.nodes[i].inputs) {
      CHECK(input >= 0);
      CHECK(input < int(i));
    }
}

TEST_CASE("a value after the scores, the scores themselves, and a branch beside them") {
  const DeclaredNetwork& net = declared_network<Net>;
  CHECK(score_gradient(net, net.result, reads_input).gradient == -1);
  const ScoreGradient own = score_gradient(net, scores_of(net), reads_input);
  CHECK(own.gradient == own.seed);
  using Beside = Network<Image<6, 6, 2>, Conv<1, 3>, Tap<"early">, Named<"unread", Conv<3, 5>>,
                         Named<"head", Sequential<From<"early">, Conv<1, 2>>>, PixelSoftmax>;
  const DeclaredNetwork& beside = declared_network<Beside>;
  CHECK(score_gradient(beside, value_at(beside, "unread"), reads_input).gradient == -1);
  CHECK(score_gradient(beside, value_at(beside, "0"), reads_input).gradient >= 0);
}

// SPDX-License-Identifier: MIT
#include <strata/graph/lower.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include <doctest/doctest.h>

#include <string>
#include <utility>

#include "../support/graphs.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::models;
using graph::Op;

static_assert(parameters<Digits<>> == 21'690);
static_assert(macs<Digits<>> == 56'448 + 225'792 + 225'792 + 15'680);
static_assert(output_shape<Digits<>> == Shape{1, 1, 10});
static_assert(parameters<DeepLabv3Plus<Image<720, 960, 3>, 11>> == 16'415'131);
static_assert(parameters<DeepLabv3Plus<Image<360, 480, 3>, 11>> == 16'415'131);
static_assert(output_shape<DeepLabv3Plus<Image<720, 960, 3>, 11>> == Shape{720, 960, 11});
static_assert(macs<DeepLabv3Plus<Image<720, 960, 3>, 11>> / 100'000'000 == 1085);  // 108.6 G
static_assert(parameters<DeepLabv3Plus<Image<720, 960, 3>, 11, TorchvisionLike>> ==
              16'408'491);  // one bias: the scorer's
static_assert(macs<DeepLabv3Plus<Image<720, 960, 3>, 11, TorchvisionLike>> ==
              macs<DeepLabv3Plus<Image<720, 960, 3>, 11>>);
static_assert(parameters<ResNet18<Image<224, 224, 3>, 1000>> == 11'689'512);  // as torchvision's
static_assert(macs<ResNet18<Image<224, 224, 3>, 1000>> / 10'000'000 == 181);  // 1.81 G

namespace {

template <class Net>
std::string names() {
  std::string out;
  for (int i = 0; i < lowered<Net>.parameter_count; i++)
    out += std::string(tensor_name<Net>(lowered<Net>.parameters[i]).text) + ' ';
  for (int i = 0; i < lowered<Net>.buffer_count; i++)
    out += std::string(tensor_name<Net>(lowered<Net>.buffers[i]).text) + ' ';
  return out;
}

template <class Net>
constexpr Window window_of(Op op) {
  return lowered<Net>.graph.nodes[graph::find(lowered<Net>.graph, op)].window;
}

}  // namespace

struct square {
  static constexpr const char* name = "square";
  static constexpr auto needs = Needs::input;
  template <class T>
  static T f(T x) {
    return x * x;
  }
  template <class T>
  static T df(T x) {
    return x + x;
  }
};

TEST_CASE("the hand-built digits graph is what lowering makes") {
  const auto& net = lowered<Digits<>>;
  constexpr auto by_hand = graph::digits_graph();
  REQUIRE(net.graph.count == by_hand.count);
  for (int i = 0; i < by_hand.count; i++) {
    CHECK(net.graph.nodes[i].op == by_hand.nodes[i].op);
    CHECK(net.graph.nodes[i].out == by_hand.nodes[i].out);
    CHECK(net.graph.nodes[i].window == by_hand.nodes[i].window);
    CHECK(net.graph.nodes[i].weights == by_hand.nodes[i].weights);
    CHECK(net.graph.nodes[i].buffers == by_hand.nodes[i].buffers);
  }
}

TEST_CASE("tensors are named as PyTorch names them") {
  using Net = Network<Image<8, 8, 2>, Conv<3, 4>, BatchNorm, ReLU,
                      Named<"block", Residual<Sequential<Conv<3, 4, NoBias>, ReLU, Named<"last", Conv<1, 4>>>>>,
                      Concat<Conv<1, 2>, Sequential<ReLU, Conv<1, 3>>>, Dense<5>, Softmax>;
  CHECK(
      names<Net>() ==
      "0.weight 0.bias 1.weight 1.bias block.body.0.weight block.body.last.weight block.body.last.bias 4.0.weight 4.0.bias "
      "4.1.1.weight 4.1.1.bias 5.weight 5.bias input.scale input.shift 1.running_mean 1.running_var ");
}

TEST_CASE("an empty name leaves its part out of the path") {
  using Net = Network<Image<8, 8, 2>, Named<"", Sequential<Conv<3, 4>, Named<"last", Conv<1, 2, NoBias>>>>,
                      Named<"block", Residual<Named<"", Sequential<Conv<1, 2, NoBias>>>, Conv<1, 2, NoBias>>>>;
  CHECK(names<Net>() == "0.weight 0.bias last.weight block.0.weight block.shortcut.weight input.scale input.shift ");
}

TEST_CASE("unusual names that no file confuses") {
  using Net = Network<Image<8, 8, 2>, Named<"act", ReLU>, Named<"act", ReLU>, Named<"layer1.0", Conv<3, 2, NoBias>>,
                      Named<"123456789 123456789 123456789 123456789 123456789 123456789 123", Conv<1, 2, NoBias>>,
                      Named<"input", Dense<2, NoBias>>>;
  CHECK(
      names<Net>() ==
      "layer1.0.weight 123456789 123456789 123456789 123456789 123456789 123456789 123.weight input.weight input.scale "
      "input.shift ");
}

TEST_CASE("same padding puts the odd row at the bottom, the odd column at the right") {
  using Even = Network<Image<90, 120, 1>, Conv<3, 1, Stride<2>>>;
  constexpr Window w = window_of<Even>(Op::convolution);
  CHECK(w.rows.before == 0);
  CHECK(w.rows.after == 1);
  CHECK(w.columns.before == 0);
  CHECK(w.columns.after == 1);
  CHECK(output_shape<Even> == Shape{45, 60, 1});
  CHECK(output_shape<Network<Image<45, 7, 1>, Conv<Size{5, 2}, 3, Stride<Size{3, 2}>>>> == Shape{15, 4, 3});
  CHECK(window_of<Network<Image<9, 9, 1>, Conv<3, 1, Dilation<6>>>>(Op::convolution).rows.before == 6);
}

TEST_CASE("options: padding, stride, rectangular kernels") {
  CHECK(output_shape<Network<Image<10, 12, 3>, Conv<Size{3, 5}, 4, Pad<0>>>> == Shape{8, 8, 4});
  CHECK(output_shape<Network<Image<10, 12, 3>, Conv<3, 4, Pad<1, 2, 0, 3>>>> == Shape{9, 15, 4});
  CHECK(output_shape<Network<Image<10, 12, 3>, Conv<3, 4, Pad<1, 0>>>> == Shape{10, 10, 4});
  CHECK(output_shape<Network<Image<9, 9, 3>, MaxPool<3, Stride<2>, Pad<1>>>> == Shape{5, 5, 3});
  CHECK(output_shape<Network<Image<9, 9, 3>, AvgPool<2>>> == Shape{4, 4, 3});
  CHECK(output_shape<Network<Image<9, 9, 3>, TransposedConv<4, 2, Stride<2>, Pad<1>>>> == Shape{18, 18, 2});
  CHECK(output_shape<Network<Image<9, 9, 3>, TransposedConv<3, 2, Stride<2>>>> == Shape{18, 18, 2});
  CHECK(output_shape<Network<Image<9, 9, 3>, DepthwiseConv<3, Multiplier<2>>>> == Shape{9, 9, 6});
  CHECK(parameters<Network<Image<9, 9, 3>, DepthwiseConv<3>>> == 30);
  CHECK(parameters<Network<Image<9, 9, 3>, DepthwiseConv<3, NoBias, Multiplier<2>>>> == 54);
  CHECK(output_shape<Network<Image<9, 8, 3>, Flatten>> == Shape{1, 1, 216});
  CHECK(output_shape<Network<Image<9, 8, 3>, Upsample<4, ZeroExtended>>> == Shape{36, 32, 3});
}

TEST_CASE("factors of learning rate and L2 reach the table; biases are not decayed by default") {
  using Net = Network<Image<8, 8, 1>, Conv<3, 2, RateFactor<10, 0>>, Dense<3, L2Factor<0.5, 0.25>>>;
  const auto* tensors = lowered<Net>.parameters;
  CHECK(tensors[0].rate_factor == 10);
  CHECK(tensors[1].rate_factor == 0);
  CHECK(tensors[1].l2_factor == 0);
  CHECK(tensors[2].l2_factor == 0.5);
  CHECK(tensors[3].l2_factor == 0.25);
  CHECK(tensors[2].fan_in == 128);
  CHECK(tensors[0].fan_out == 18);
}

TEST_CASE("functors have ordinals; relu is always the first") {
  using Net = Network<Image<4, 4, 1>, Sigmoid, Pointwise<square>, ReLU, Sigmoid, LeakyReLU<0.2>, GELU>;
  CHECK(std::is_same_v<functors<Net>,
                       spec::type_list<spec::relu, spec::sigmoid, square, spec::leaky_relu<Real{0.2}>, spec::gelu>>);
  const int wanted[] = {1, 2, 0, 1, 3, 4};
  for (int i = 0; i < 6; i++) CHECK(lowered<Net>.graph.nodes[i + 1].epilogue.functor == wanted[i]);
  CHECK(std::string(lowered<Net>.layers[5].spelled) == "LeakyReLU<0.2>");
  CHECK(std::string(lowered<Net>.layers[2].kind) == "Pointwise");
}

TEST_CASE("more branches than a node has inputs become a chain") {
  using Wide = Network<Image<4, 4, 1>, Concat<Identity, Identity, Identity, Identity, Identity, Identity, Identity,
                                              Identity, Identity, Identity>>;
  CHECK(output_shape<Wide> == Shape{4, 4, 10});
  CHECK(graph::count_of(lowered<Wide>.graph, Op::concat) == 2);
}

namespace {
template <int>
using Layer = Sequential<Conv<3, 4>, ReLU>;
template <int... I>
auto long_network(std::integer_sequence<int, I...>) -> Network<Image<8, 8, 4>, Layer<I>...>;
using Long = decltype(long_network(std::make_integer_sequence<int, 400>{}));
}  // namespace

TEST_CASE("a declaration of 800 layers") {
  CHECK(lowered<Long>.graph.count == 801);
  CHECK(std::string(lowered<Long>.layers[800].path) == "399.1");
}

// SPDX-License-Identifier: MIT
#include <strata/graph/hash.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <utility>

using namespace strata;
using namespace strata::core;
using namespace strata::graph;

namespace {

/// What a functor needs besides its name.
struct identity {
  static constexpr auto needs = Needs::input;
  template <class T>
  static T f(T x) {
    return x;
  }
  template <class T>
  static T df(T) {
    return T(1.f);
  }
};
template <Real Slope>
struct bent : identity {
  static constexpr const char* name = "bent";
};
template <int Times>
struct repeated : identity {
  static constexpr const char* name = "repeated";
};
template <class First, class Second>
struct composed : identity {
  static constexpr const char* name = "composed";
};
template <Real Low, int Steps>
struct stairs : identity {
  static constexpr const char* name = "stairs";
  static constexpr double arguments[] = {Low.value, double(Steps)};
};
struct plain : identity {
  static constexpr const char* name = "plain";
};

template <class... Layer>
using ConvThen = Network<Image<8, 8, 1>, Conv<3, 2>, Layer...>;

template <class A, class B>
constexpr bool same_files = structural_hash<A> == structural_hash<B>;
template <class A, class B>
constexpr bool same_training = training_hash<A> == training_hash<B>;

/// Every op that lowering makes and every option that it passes on.
using Mixture = Network<Image<17, 23, 3>, Conv<3, 8, Stride<2>, NoBias>, BatchNormWith<Real{1e-3}, Real{0.05}>,
                        LeakyReLU<0.2>, Tap<"low">, MaxPool<3, Stride<2>, Pad<1>>, DepthwiseConv<3>,
                        Concat<Conv<1, 4>, Sequential<Conv<3, 4, Dilation<2>>, GELU>>,
                        Residual<Sequential<Conv<3, 8, Exact>, Tanh>>, Dropout<0.25>,
                        TransposedConv<4, 6, Stride<2>, Pad<1>>, Sigmoid, Upsample<2, ZeroExtended>, CropTo<"low">,
                        AvgPool<2>, AtRate<0.5, Conv<1, 5, RateFactor<2, 0>, L2Factor<0.5, 0.25>>>, GlobalAvgPool,
                        Pointwise<stairs<0.5, 3>>, Dense<4>, Softmax>;

/// A small network without a convolution that runs in lanes.
using Perceptron = Network<Image<1, 1, 13>, Dense<20>, ReLU, Dropout<0.5>, Dense<3>, Softmax>;

template <int>
using Step = Sequential<Conv<3, 4>, LeakyReLU<0.1>>;
template <int... I>
auto long_network(std::integer_sequence<int, I...>) -> Network<Image<8, 8, 4>, Step<I>...>;

template <class Net>
void fixes(std::uint64_t structural, std::uint64_t training, std::uint64_t first_version) {
  CHECK(hexadecimal(structural_hash<Net>) == hexadecimal(structural));
  CHECK(hexadecimal(training_hash<Net>) == hexadecimal(training));
  CHECK(hexadecimal(structural_hash_1<Net>) == hexadecimal(first_version));
}

}  // namespace

// A value that changes orphans every user's files of such a network. Add another version instead, and read both.
TEST_CASE("the hashes of five networks are those in their files") {
  fixes<Digits<>>(0x1990873e7488e568, 0x976b2ac4bb4027ca, 0x80962d472e530fac);
  fixes<DeepLabv3Plus<Image<360, 480, 3>, 11>>(0x111941ce31844013, 0x36add9b6465a2140, 0x7c62ccf1a266770d);
  fixes<ResNet18<Image<224, 224, 3>, 1000>>(0xbc02fa0e708ebfb8, 0xf16821d37511e1d8, 0x216e08d586fff025);
  fixes<Mixture>(0x07224b9f9fcdc74d, 0x17d4759927b04c03, 0x16ba071f1586f229);
  fixes<Perceptron>(0x4ab998679f3fb9de, 0xce96c94b8dc96319, 0x92fd09096b5dbdd0);
}

TEST_CASE("the hash of files tells apart what inference computes") {
  using A = ConvThen<ReLU>;
  CHECK(!same_files<A, Network<Image<8, 9, 1>, Conv<3, 2>, ReLU>>);
  CHECK(!same_files<A, Network<Image<8, 8, 1>, Conv<3, 2, NoBias>, ReLU>>);
  CHECK(!same_files<A, Network<Image<8, 8, 1>, Conv<3, 2, Stride<2>>, ReLU>>);
  CHECK(!same_files<ConvThen<Conv<1, 8>, Conv<3, 8, Groups<2>>>, ConvThen<Conv<1, 8>, Conv<3, 8, Groups<4>>>>);
  CHECK(!same_files<A, Network<Image<8, 8, 1>, Conv<3, 2, Dilation<2>>, ReLU>>);
  CHECK(!same_files<A, Network<Image<8, 8, 1>, Conv<3, 2, Pad<1, 1, 2, 0>>, ReLU>>);
  CHECK(!same_files<ConvThen<MaxPool<2>>, ConvThen<AvgPool<2>>>);
  CHECK(!same_files<ConvThen<Multiply<Identity, Tanh>>, ConvThen<Sum<Identity, Tanh>>>);
  CHECK(!same_files<ConvThen<Multiply<Identity, GlobalAvgPool>>, ConvThen<Multiply<Identity, Identity>>>);
  CHECK(!same_files<ConvThen<BatchNorm>, ConvThen<BatchNormWith<Real{1e-3}, Real{0.1}>>>);
  CHECK(!same_files<ConvThen<Upsample<2>>, ConvThen<Upsample<2, ZeroExtended>>>);
  CHECK(!same_files<ConvThen<Upsample<2>>, ConvThen<Upsample<2, Nearest>>>);
  CHECK(!same_files<ConvThen<Resize<5, 5, AlignCorners>>, ConvThen<Resize<5, 5>>>);
  CHECK(same_files<ConvThen<Upsample<2>>, ConvThen<Resize<16, 16>>>);
  CHECK(!same_files<ConvThen<AvgPool<3, Pad<1>>>, ConvThen<AvgPool<3, Pad<1>, ExcludePadding>>>);
  CHECK(!same_files<ConvThen<Sequential<Tap<"a">, ReLU, Concat<Identity, From<"a">>>>,
                    ConvThen<Sequential<ReLU, Tap<"a">, Concat<Identity, From<"a">>>>>);
}

TEST_CASE("functors count by name and arguments") {
  CHECK(!same_files<ConvThen<Sigmoid>, ConvThen<Tanh>>);
  CHECK(!same_files<ConvThen<Sigmoid>, ConvThen<ReLU>>);
  CHECK(!same_files<ConvThen<LeakyReLU<0.1>>, ConvThen<LeakyReLU<0.3>>>);
  CHECK(!same_files<ConvThen<LeakyReLU<1e-9>>, ConvThen<LeakyReLU<2e-9>>>);
  CHECK(!same_files<ConvThen<Pointwise<bent<0.1>>>, ConvThen<Pointwise<bent<0.3>>>>);
  CHECK(!same_files<ConvThen<Pointwise<repeated<1>>>, ConvThen<Pointwise<repeated<2>>>>);
  CHECK(!same_files<ConvThen<Pointwise<composed<spec::relu, spec::sigmoid>>>,
                    ConvThen<Pointwise<composed<spec::sigmoid, spec::relu>>>>);
  CHECK(!same_files<ConvThen<Pointwise<composed<bent<0.1>, spec::relu>>>,
                    ConvThen<Pointwise<composed<bent<0.2>, spec::relu>>>>);
  CHECK(!same_files<ConvThen<Pointwise<stairs<0.5, 3>>>, ConvThen<Pointwise<stairs<0.5, 4>>>>);
  CHECK(!same_files<ConvThen<Sigmoid, Tanh>, ConvThen<Tanh, Sigmoid>>);
  CHECK(structural_hash_1<ConvThen<Sigmoid>> == structural_hash_1<ConvThen<Tanh>>);  // why there is a second version
}

TEST_CASE("neither hash depends on layer names, nor that of files on what only training computes") {
  using A = ConvThen<BatchNorm, Pointwise<plain>>;
  using Called = Network<Image<8, 8, 1>, Named<"stem", Sequential<Conv<3, 2>, BatchNorm>>, Pointwise<plain>>;
  CHECK(same_files<A, Called>);
  CHECK(same_training<A, Called>);
  const auto differs_in_training = []<class B>() { return same_files<A, B> && !same_training<A, B>; };
  CHECK(differs_in_training.operator()<ConvThen<BatchNormWith<Real{1e-5}, Real{0.2}>, Pointwise<plain>>>());
  CHECK(differs_in_training.operator()<ConvThen<BatchNorm, Dropout<0.1>, Pointwise<plain>>>());
  CHECK(differs_in_training.operator()<ConvThen<AtRate<0.5, BatchNorm>, Pointwise<plain>>>());
  CHECK(differs_in_training.
        operator()<Network<Image<8, 8, 1>, Conv<3, 2, RateFactor<2>>, BatchNorm, Pointwise<plain>>>());
  CHECK(
      differs_in_training.operator()<Network<Image<8, 8, 1>, Conv<3, 2, L2Factor<2>>, BatchNorm, Pointwise<plain>>>());
  CHECK(differs_in_training.operator()<Network<Image<8, 8, 1>, Conv<3, 2, Exact>, BatchNorm, Pointwise<plain>>>());
  CHECK(same_files<ConvThen<Dropout<0.1>>, ConvThen<Dropout<0.2>>>);
  CHECK(!same_training<ConvThen<Dropout<0.1>>, ConvThen<Dropout<0.2>>>);
  CHECK(!same_training<ConvThen<Dropout<0.1>, ReLU>, ConvThen<ReLU, Dropout<0.1>>>);
}

TEST_CASE("a network as a file names it") {
  const NetworkHash hash = network_hash<Perceptron>;
  CHECK(hash.text() == "2-" + hexadecimal(structural_hash<Perceptron>));
  CHECK(hash.is(hash.text()));
  CHECK(hash.is(hexadecimal(structural_hash_1<Perceptron>)));
  CHECK(!hash.is(hexadecimal(structural_hash<Perceptron>)));
  CHECK(!hash.is(network_hash<Mixture>.text()));
}

TEST_CASE("an attribute that an op does not declare is noticed, for the hash would miss it") {
  const auto declares = [](const graph::Node& node) {
    graph::Graph<1> graph;
    graph.add(node);
    return graph::detail::declares_attributes(graph);
  };
  using graph::Op;
  CHECK(declares({.op = Op::resize, .factor = 2, .mode = Interpolation::zero_extended}));
  CHECK(declares({.op = Op::crop, .offset_y = 1, .offset_x = 2, .offset_channel = 3}));
  CHECK(declares({.op = Op::batch_norm, .epsilon = 1e-3, .momentum = 0.2}));
  CHECK(declares({.op = Op::dropout, .probability = 0.5}));
  CHECK(declares({.op = Op::pointwise, .epilogue = {.functor = 0}}));
  CHECK(!declares({.op = Op::pointwise, .factor = 2}));
  CHECK(!declares({.op = Op::pointwise, .mode = Interpolation::zero_extended}));
  CHECK(declares({.op = Op::average_pool, .uncounted = {1, 0, 0, 0}}));
  CHECK(!declares({.op = Op::max_pool, .uncounted = {1, 0, 0, 0}}));
  CHECK(!declares({.op = Op::resize, .offset_x = 1}));
  CHECK(!declares({.op = Op::concat, .offset_y = 1}));
  CHECK(!declares({.op = Op::concat, .offset_channel = 1}));
  CHECK(!declares({.op = Op::dropout, .epsilon = 1e-3}));
  CHECK(!declares({.op = Op::dropout, .momentum = 0.2}));
  CHECK(!declares({.op = Op::batch_norm, .probability = 0.5}));
}

TEST_CASE("a declaration of 800 layers") {
  using Long = decltype(long_network(std::make_integer_sequence<int, 400>{}));
  using Longer = decltype(long_network(std::make_integer_sequence<int, 401>{}));
  CHECK(!same_files<Long, Longer>);
  CHECK(!same_training<Long, Longer>);
}

// SPDX-License-Identifier: MIT
// The kernels whose shape is a constant: which nodes they serve, and each on odd shapes against the reference. (The
// other inference tests in this folder run them too, since test networks are small.)
#include <strata/cpu/cost.hpp>
#include <strata/models/digits.hpp>

#include "../../support/check_backend.hpp"
#include "../../support/cpu_nhwc.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using graph::Node;
using namespace strata::testing;

namespace {

template <class Net>
int served() {
  int nodes = 0;
  for (const auto algorithm : cpu::nhwc::InferenceOf<Net>::algorithms.of)
    nodes += cpu::nhwc::traits(algorithm).fixed_shape;
  return nodes;
}

template <class Net>
void check(int nodes) {
  INFO(std::string(spelling_of<Net>()));
  CHECK(served<Net>() == nodes);
  check_inference<Nhwc, Net>({1, 3}, {1, 2, 3});
}

/// Bytes give the same result as the same numbers as floats.
template <class Net>
void check_bytes() {
  reference::RandomData data = reference::smooth_data<Net>(2);
  std::vector<std::uint8_t> bytes(data.images.size());
  for (std::size_t i = 0; i < bytes.size(); i++)
    data.images[i] = bytes[i] = std::uint8_t(127 + 100 * double(data.images[i]));
  for (int c = 0; c < input_shape<Net>.channels; c++)
    data.buffers[std::size_t(lowered<Net>.graph.nodes[0].buffers + c)] /= 128;
  Workers one(1);
  cpu::nhwc::Inference<Net> inference(2, one);
  inference.load(data.parameters.data(), data.buffers.data());
  std::vector<float> floats(std::size_t(2 * output_shape<Net>.size())), given(floats.size());
  inference.run(data.image_view(), floats.data());
  inference.run({.bytes = bytes.data(), .count = 2}, given.data());
  CHECK(floats == given);
}

}  // namespace

TEST_CASE("the digits network") {
  check<Digits<8, 16, 32>>(6);
  check<Digits<3, 5, 7>>(6);
  check<Digits<9, 17, 33>>(6);
  check_bytes<Digits<>>();
}

TEST_CASE("rows and columns that no tile divides, channels that no vector divides") {
  check<Classifier<Image<13, 17, 1>, Conv<3, 1>, ReLU, MaxPool<2>, Conv<5, 31>, MaxPool<3>>>(5);
  check<Classifier<Image<11, 7, 3>, Conv<3, 40>, Tanh, MaxPool<Size{1, 2}>, Conv<3, 24>, BatchNorm, Sigmoid>>(5);
  check<Classifier<Image<1, 1, 5>, Conv<3, 9, Same>, ReLU>>(4);
  check<Classifier<Image<5, 5, 2>, Conv<3, 64>, MaxPool<2>, GELU, Conv<1, 64>>>(5);  // a functor that is its own node
  check_bytes<Classifier<Image<11, 7, 3>, Conv<3, 8, Pad<0>>, ReLU>>();
}

TEST_CASE("strides, dilations and paddings") {
  check<Classifier<Image<14, 15, 3>, Conv<7, 16, Stride<2>, Pad<3>>, ReLU, Conv<3, 32, Dilation<2>>>>(5);
  check<Classifier<Image<9, 9, 2>, Conv<3, 12, Dilation<Size{1, 3}>, NoBias>, Conv<Size{3, 2}, 4, Stride<Size{2, 1}>>>>(
      5);
  check<Classifier<Image<5, 4, 1>, Conv<3, 2, Pad<0>>, Conv<2, 3, Pad<2, 0, 1, 3>>, Conv<1, 1>>>(6);
  check<Classifier<Image<4, 4, 4>, Conv<3, 8, Pad<5>>, MaxPool<2>>>(4);  // pixels that see nothing but zeros
}

TEST_CASE("half a vector of channels: two columns of outputs at once") {
  constexpr Node node = graph::inference_plan<Digits<8, 16, 32>, cpu::nhwc::layout>.nodes[1];
  CHECK((cpu::nhwc::fixed_shape::choose(node) == cpu::nhwc::Algorithm::fixed_shape_pairs) == (core::simd::lanes >= 16));
  check<Classifier<Image<9, 11, 1>, Conv<3, 8>, ReLU>>(4);
  check<Classifier<Image<11, 13, 1>, Conv<3, 2, Stride<2>>, BatchNorm, ReLU>>(4);
  check<Classifier<Image<8, 9, 3>, Conv<2, 4, Pad<1>>, Tanh, MaxPool<Size{1, 2}>>>(4);
  check<Classifier<Image<12, 10, 1>, Conv<3, 3, Dilation<2>, Pad<0>>, MaxPool<2>>>(4);
  check<Classifier<Image<5, 4, 4>, Conv<1, 1>>>(4);
  check_bytes<Classifier<Image<7, 19, 1>, Conv<3, 8>, MaxPool<3>, ReLU>>();
}

TEST_CASE("Winograd") {
  constexpr Node node = graph::inference_plan<Digits<8, 16, 32>, cpu::nhwc::layout>.nodes[2];
  CHECK((cpu::nhwc::fixed_shape::choose(node) == cpu::nhwc::Algorithm::fixed_shape_winograd) ==
        (core::simd::lanes <= 8));
  check<Classifier<Image<13, 9, 1>, Conv<3, 16>, ReLU, Conv<3, 32>, BatchNorm, Sigmoid, Conv<3, 24>>>(6);
  check<Classifier<Image<9, 11, 16>, Conv<3, 16, Pad<0>>, MaxPool<2>, Conv<3, 64, Pad<2, 0, 1, 3>>>>(5);
  check<Classifier<Image<3, 3, 16>, Conv<3, 16, Pad<0>>, Tanh>>(4);  // one output
}

TEST_CASE("dense layers") {
  check<Network<Image<1, 1, 67>, Dense<19>, ReLU, Dense<64>, Tanh, Dense<1>, Softmax>>(4);
  check<Network<Image<3, 5, 7>, Dense<13>, BatchNorm, ReLU, Dense<2>, Softmax>>(3);
}

TEST_CASE("an image that is read twice is kept") {
  check<Classifier<Image<6, 5, 2>, Sum<Conv<3, 4>, Conv<1, 4>>, ReLU>>(3);
}

TEST_CASE("a deep network keeps the general kernels") {
  using Three = Sequential<Conv<3, 4>, ReLU, Conv<3, 4>, ReLU, Conv<3, 4>, ReLU>;
  using Deep = Classifier<Image<5, 5, 2>, Three, Three, Three, Three, Three, Three, Three, Three>;
  check<Deep>(0);
  CHECK(summary<Deep>().lines[1].kernel.find("fixed") == std::string::npos);
}

TEST_CASE("large nodes keep the general kernel, and the table says which runs") {
  using Large = Classifier<Image<96, 96, 3>, Conv<3, 48>, ReLU, MaxPool<4>, Conv<3, 96>, GlobalAvgPool>;
  CHECK(served<Large>() == 2);
  const SummaryTable table = summary<Large>();
  CHECK(table.lines[1].kernel == "conv, direct, relu");
  CHECK(table.lines.back().kernel == "softmax, fixed shape");
  using Separable = Network<Image<96, 96, 3>, DepthwiseConv<3>, BatchNorm, ReLU6, Residual<TransposedConv<3, 3>>, ReLU>;
  CHECK(summary<Separable>().lines[1].kernel == "depthwise_convolution, bn folded, functor");
  CHECK(summary<Separable>().lines[4].kernel == "transposed_convolution, + residual, relu");
  CHECK(summary<Digits<>>().lines[1].kernel ==
        std::string("conv, images in lanes, bn folded, relu, max pool (few images: fixed shape") +
            (core::simd::lanes >= 16 ? ", in pairs)" : ")"));
  if (core::simd::lanes == 8)
    CHECK(summary<Digits<>>().lines[5].kernel.ends_with("(few images: fixed shape, Winograd)"));
}

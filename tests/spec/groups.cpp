// SPDX-License-Identifier: MIT
// Grouped convolutions: weights, costs, and that a group is a convolution of its own channels.
#include <strata/cpu/nhwc/training.hpp>
#include <strata/spec/layers.hpp>

#include <doctest/doctest.h>

#include <algorithm>
#include <vector>

using namespace strata;
using namespace strata::core;
using namespace strata::graph;

namespace {

template <class... Option>
using Grouped = Network<Image<6, 5, 8>, Conv<3, 12, Option...>>;

template <class Net>
constexpr graph::Node convolution_of = lowered<Net>.graph.nodes[1];

template <class Net>
std::vector<float> run(const std::vector<float>& parameters, const std::vector<float>& image) {
  std::vector<float> result(std::size_t(output_shape<Net>.size())), buffers(std::size_t(2 * Net::input.channels), 0.f);
  std::fill_n(buffers.begin(), Net::input.channels, 1.f);
  Workers one(1);
  cpu::nhwc::Inference<Net> inference(1, one);
  inference.load(parameters.data(), buffers.data());
  inference.run({.floats = image.data(), .count = 1}, result.data());
  return result;
}

}  // namespace

TEST_CASE("weights [out][in / groups][kh][kw]; the cost is that of all groups") {
  const graph::Tensor& weights = lowered<Grouped<Groups<4>>>.parameters[0];
  CHECK(weights.dims[0] == 12);
  CHECK(weights.dims[1] == 2);
  CHECK(weights.dims[2] == 3);
  CHECK(weights.fan_in == 18);
  CHECK(weights.fan_out == 27);
  CHECK(parameters<Grouped<Groups<4>>> == 12 * 18 + 12);
  CHECK(macs<Grouped<Groups<4>>> * 4 == macs<Grouped<>>);
}

TEST_CASE("one group is a convolution, one input per group a depthwise convolution") {
  CHECK(convolution_of<Grouped<Groups<1>>> == convolution_of<Grouped<>>);
  CHECK(convolution_of<Grouped<Groups<4>>>.op == graph::Op::grouped_convolution);
  using Depthwise = Network<Image<6, 5, 4>, DepthwiseConv<3, Multiplier<3>>>;
  using Alike = Network<Image<6, 5, 4>, Conv<3, 12, Groups<4>>>;
  CHECK(convolution_of<Alike> == convolution_of<Depthwise>);
}

TEST_CASE("each group is the convolution of its channels") {
  using Whole = Network<Image<6, 5, 8>, Conv<3, 12, Groups<4>>>;
  using Part = Network<Image<6, 5, 2>, Conv<3, 3>>;
  std::vector<float> image(6 * 5 * 8), weights(std::size_t(parameters<Whole>));
  for (std::size_t i = 0; i < image.size(); i++) image[i] = float(i % 11) - 5;
  for (std::size_t i = 0; i < weights.size(); i++) weights[i] = float(i % 7) - 3;
  const std::vector<float> whole = run<Whole>(weights, image);
  for (std::size_t group = 0; group < 4; group++) {
    std::vector<float> slice(6 * 5 * 2),
        own(weights.begin() + long(group) * 54, weights.begin() + long(group + 1) * 54);
    for (std::size_t i = 0; i < slice.size(); i++) slice[i] = image[i / 2 * 8 + group * 2 + i % 2];
    own.insert(own.end(), weights.begin() + 216 + long(group) * 3, weights.begin() + 216 + long(group + 1) * 3);
    const std::vector<float> part = run<Part>(own, slice);
    for (std::size_t i = 0; i < part.size(); i++) CHECK(part[i] == whole[i / 3 * 12 + group * 3 + i % 3]);
  }
}

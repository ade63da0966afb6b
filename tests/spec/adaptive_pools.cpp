// SPDX-License-Identifier: MIT
// Adaptive pools: what they are lowered to, and their values. PoolCases has their networks for every back end.
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

template <int Height, int Width, class Pool>
constexpr graph::Node node_of = lowered<Network<Image<Height, Width, 3>, Pool>>.graph.nodes[1];

template <class Net>
std::vector<float> run(const std::vector<float>& image) {
  std::vector<float> result(std::size_t(output_shape<Net>.size()));
  Workers one(1);
  cpu::nhwc::Inference<Net> inference(1, one);
  const float buffers[] = {1, 0};
  inference.load(nullptr, buffers);
  inference.run({.floats = image.data(), .count = 1}, result.data());
  return result;
}

}  // namespace

TEST_CASE("windows of one size make a plain pool, and one window a global one") {
  CHECK(node_of<8, 6, AdaptiveAvgPool<4, 3>>.op == Op::average_pool);
  CHECK(node_of<8, 6, AdaptiveAvgPool<4, 3>>.window == Window::square(Axis::tiles(2)));
  CHECK(node_of<7, 9, AdaptiveMaxPool<3>>.op == Op::max_pool);
  CHECK(node_of<7, 9, AdaptiveMaxPool<3>>.window == Window{{.kernel = 3, .stride = 2}, Axis::tiles(3)});
  CHECK(node_of<7, 9, AdaptiveAvgPool<1>>.op == Op::global_average_pool);
  CHECK(node_of<7, 9, AdaptiveMaxPool<1>>.window == node_of<7, 9, GlobalMaxPool>.window);
}

TEST_CASE("windows of several sizes are those of an op of its own") {
  CHECK(node_of<7, 8, AdaptiveMaxPool<4>>.op == Op::adaptive_max_pool);
  CHECK(node_of<7, 8, AdaptiveAvgPool<4>>.op == Op::resample);
  CHECK(node_of<7, 8, AdaptiveAvgPool<4>>.mode == Interpolation::area);
  CHECK(node_of<2, 2, AdaptiveMaxPool<3, 2>>.op == Op::adaptive_max_pool);
}

TEST_CASE("shapes and names") {
  using Net = Network<Image<7, 8, 3>, AdaptiveAvgPool<4, 5>, AdaptiveMaxPool<3>>;
  CHECK(output_shape<Net> == Shape{3, 3, 3});
  CHECK(std::string(lowered<Net>.layers[1].spelled) == "AdaptiveAvgPool<4, 5>");
  CHECK(std::string(lowered<Net>.layers[2].spelled) == "AdaptiveMaxPool<3, 3>");
}

TEST_CASE("values: windows of two and three, and more windows than inputs") {
  const std::vector<float> row = {1, 5, 3, 0, 4};
  using Floats = std::vector<float>;
  CHECK(run<Network<Image<1, 5, 1>, AdaptiveMaxPool<1, 3>>>(row) == Floats{5, 5, 4});       // 0-2, 1-4, 3-5
  CHECK(run<Network<Image<1, 5, 1>, AdaptiveAvgPool<1, 4>>>(row) == Floats{3, 4, 1.5, 2});  // 0-2, 1-3, 2-4, 3-5
  CHECK(run<Network<Image<1, 2, 1>, AdaptiveAvgPool<1, 3>>>({2, 6}) == Floats{2, 4, 6});
  CHECK(run<Network<Image<1, 2, 1>, AdaptiveMaxPool<1, 3>>>({2, 6}) == Floats{2, 6, 6});
}

TEST_CASE("the reference against differences") {
  CHECK(check_gradients<AdaptiveAvgPool<4, 3>>());
  CHECK(check_gradients<AdaptiveMaxPool<3, 4>>());
}

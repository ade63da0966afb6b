// SPDX-License-Identifier: MIT
// Maps of a given size: what they are lowered to, names and values. ResampleCases has networks for every back end.
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

template <class Layer>
constexpr graph::Node node_of = lowered<Network<Image<4, 6, 3>, Layer>>.graph.nodes[1];

template <class Layer, std::size_t Columns>
std::vector<float> run(const float (&row)[Columns]) {
  using Net = Network<Image<1, int(Columns), 1>, Layer>;
  std::vector<float> result(std::size_t(output_shape<Net>.size()));
  Workers one(1);
  cpu::nhwc::Inference<Net> inference(1, one);
  const float buffers[] = {1, 0};
  inference.load(nullptr, buffers);
  inference.run({.floats = row, .count = 1}, result.data());
  return result;
}

}  // namespace

TEST_CASE("bilinear enlargement by one whole factor is an op of its own, whatever spells it") {
  CHECK(node_of<Upsample<2>>.op == Op::resize);
  CHECK(node_of<Resize<8, 12>> == node_of<Upsample<2>>);
  CHECK(node_of<Upsample<Size{3, 3}>> == node_of<Upsample<3>>);
  CHECK(node_of<Resize<8, 18>> == node_of<Upsample<Size{2, 3}>>);
  for (const graph::Node& node : {node_of<Resize<8, 18>>, node_of<Resize<2, 3>>, node_of<Resize<8, 13>>,
                                  node_of<Upsample<2, Nearest>>, node_of<Upsample<2, AlignCorners>>})
    CHECK(node.op == Op::resample);
}

TEST_CASE("shapes and names") {
  using Net = Network<Image<4, 6, 3>, Resize<7, 5, Nearest>, Upsample<Size{1, 2}, AlignCorners>>;
  CHECK(output_shape<Net> == Shape{7, 10, 3});
  CHECK(std::string(lowered<Net>.layers[1].spelled) == "Resize<7, 5, Nearest>");
  CHECK(std::string(lowered<Net>.layers[2].spelled) == "Upsample<Size{1, 2}, AlignCorners>");
  CHECK(std::string(lowered<Network<Image<4, 6, 3>, Upsample<2>>>.layers[1].spelled) == "Upsample<2>");
}

TEST_CASE("values, as PyTorch's interpolate") {
  using Floats = std::vector<float>;
  CHECK(run<Resize<1, 4>>({0, 8}) == Floats{0, 2, 6, 8});
  CHECK(run<Resize<1, 5, AlignCorners>>({0, 8}) == Floats{0, 2, 4, 6, 8});
  CHECK(run<Resize<1, 5, Nearest>>({1, 2, 3}) == Floats{1, 1, 2, 2, 3});
  CHECK(run<Resize<1, 2>>({0, 2, 4, 6}) == Floats{1, 5});
  CHECK(run<Resize<1, 2, AlignCorners>>({0, 2, 4, 6}) == Floats{0, 6});
  CHECK(run<Resize<1, 2, Nearest>>({0, 2, 4, 6}) == Floats{0, 4});
}

TEST_CASE("the reference against differences") {
  CHECK(check_gradients<Resize<5, 3>>());
  CHECK(check_gradients<Resize<7, 2, AlignCorners>>());
  CHECK(check_gradients<Upsample<Size{1, 3}, Nearest>>());
}

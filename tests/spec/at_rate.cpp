// SPDX-License-Identifier: MIT
// Parts with their own learning rates: the table, the gradients that are left out, the passes and both back ends.
#include <strata/cpu/lanes/training.hpp>
#include <strata/cpu/nhwc/training.hpp>
#include <strata/graph/hash.hpp>
#include <strata/spec/layers.hpp>

#include "../support/check_backend.hpp"
#include "../support/check_plans.hpp"
#include "../support/cpu_lanes.hpp"
#include "../support/cpu_nhwc.hpp"
#include "../support/graphs.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::testing;
using graph::Op;

TEST_CASE("factors multiply, names stay") {
  using Net =
      Network<Image<8, 8, 1>,
              Named<"slow", AtRate<0.5, Sequential<Conv<3, 2, RateFactor<10, 0>>, AtRate<0.5, BatchNorm>>>>, Dense<3>>;
  const auto* tensors = lowered<Net>.parameters;
  CHECK(tensors[0].rate_factor == 5);
  CHECK(tensors[1].rate_factor == 0);
  CHECK(tensors[2].rate_factor == 0.25);
  CHECK(tensors[3].rate_factor == 0.25);
  CHECK(tensors[4].rate_factor == 1);
  CHECK(std::string(tensor_name<Net>(tensors[2]).text) == "slow.1.weight");
  CHECK(std::string(spelling_of<AtRate<0.5, Conv<1, 2>>>()) == "AtRate<0.5, Conv<1, 2>>");
}

TEST_CASE("a frozen front has no backward pass, and its file hash is that of the network that learns") {
  using Front = Sequential<Conv<3, 4>, BatchNorm, ReLU, Conv<3, 4>, BatchNorm, ReLU>;
  using Learns = Network<Image<8, 8, 2>, Front, Conv<1, 3>, PixelSoftmax>;
  using Frozen = Network<Image<8, 8, 2>, AtRate<Real{0}, Front>, Conv<1, 3>, PixelSoftmax>;
  CHECK(structural_hash<Learns> == structural_hash<Frozen>);
  CHECK(training_hash<Learns> != training_hash<Frozen>);
  CHECK(graph::count_of(graph::training_graph<Learns>, Op::convolution_weight_gradient) == 3);
  CHECK(graph::count_of(graph::training_graph<Frozen>, Op::convolution_weight_gradient) == 1);
  CHECK(graph::count_of(graph::training_graph<Frozen>, Op::convolution_input_gradient) == 0);
  CHECK(graph::count_of(graph::training_graph<Frozen>, Op::normalize_reductions) == 0);
  CHECK(graph::count_of(graph::training_graph<Frozen>, Op::batch_statistics) == 2);  // still those of the batch
}

TEST_CASE("what learns gets the gradients that it gets in a network that learns as a whole") {
  using Learns = Network<Image<5, 4, 2>, Conv<3, 4>, Conv<3, 3>, BatchNorm, ReLU, Conv<1, 2>, Dense<3>, Softmax>;
  using Partly = Network<Image<5, 4, 2>, Conv<3, 4>, AtRate<Real{0}, Sequential<Conv<3, 3>, BatchNorm>>, ReLU,
                         Conv<1, 2>, Dense<3>, Softmax>;
  const reference::RandomData data = reference::draw_data(lowered<Learns>, 4, 1);
  Workers one(1);
  cpu::nhwc::Training<Learns> whole(4, one);
  cpu::nhwc::Training<Partly> part(4, one);
  const Stepped expected = step_of(whole, data, data.image_view(), {}),
                given = step_of(part, data, data.image_view(), {});
  for (int t = 0; t < lowered<Partly>.parameter_count; t++) {
    const graph::Tensor& tensor = lowered<Partly>.parameters[t];
    for (int i = tensor.offset; i < tensor.offset + tensor.size; i++)
      CHECK(given.gradients[std::size_t(i)] == (tensor.rate_factor == 0 ? 0.f : expected.gradients[std::size_t(i)]));
  }
}

TEST_CASE("the passes") {
  for_each_case(FrozenCases{}, []<class Net>() { check_plans<Net>(); });
}
TEST_CASE("node by node") {
  for_each_case(FrozenCases{}, []<class Net>() { check_backend<Nhwc, Net>(); });
}
TEST_CASE("images in vector lanes") {
  for_each_case(FrozenCases{}, []<class Net>() { check_backend<Lanes, Net>(); });
}

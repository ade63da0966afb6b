// SPDX-License-Identifier: MIT
// Parameters on the device: each tensor aligned, weights with channels innermost; copied there and back.
#include <strata/cuda/planning/parameter_layout.hpp>
#include <strata/models/digits.hpp>

#include <doctest/doctest.h>

#include <numeric>

#include "../../support/cuda/plan_of.hpp"

namespace cuda_planning_parameter_layout {

using namespace strata;
using namespace strata::graph;
using namespace strata::cuda;

TEST_CASE("there and back, aligned, channels innermost") {
  using Net = Network<Image<4, 5, 3>, Conv<Size{2, 3}, 7>, BatchNorm, TransposedConv<3, 2>, DepthwiseConv<3>, Dense<4>,
                      Softmax>;
  constexpr auto& net = lowered<Net>;
  const PlanView view = strata::testing::plan_of<Net, graph::Mode::training>();
  const ParameterLayout layout(view, net.parameters, net.parameter_count);
  std::vector<float> host(std::size_t(net.parameter_floats)), back(host.size()),
      device(std::size_t(layout.floats()), -1.f);
  std::iota(host.begin(), host.end(), 1.f);
  layout.to_device(host.data(), device.data());
  layout.from_device(device.data(), back.data());
  CHECK(back == host);
  long zeros = 0;
  for (const float x : device) zeros += x == 0;
  CHECK(zeros == layout.floats() - net.parameter_floats);  // the gaps between tensors
  for (const graph::Tensor& tensor : layout.tensors()) CHECK(tensor.offset % 64 == 0);

  // weight[o][i][r][c] of the first convolution is at [o][r][c][i]
  const graph::Tensor &on_host = net.parameters[0], &on_device = layout.tensors()[0];
  for (int o = 0; o < 7; o++)
    for (int i = 0; i < 3; i++)
      for (int tap = 0; tap < 6; tap++)
        CHECK(device[std::size_t(on_device.offset + (o * 6 + tap) * 3 + i)] ==
              host[std::size_t(on_host.offset + (o * 3 + i) * 6 + tap)]);

  // the plan's nodes use the device's offsets
  const std::vector<Node> nodes = layout.placed(view);
  for (int n = 0; n < view.count; n++) {
    CHECK((nodes[std::size_t(n)].weights < 0) == (view.nodes[n].weights < 0));
    if (view.nodes[n].weights == on_host.offset && multiplies_weights(view.nodes[n].op))
      CHECK(nodes[std::size_t(n)].weights == on_device.offset);
  }
}

}  // namespace cuda_planning_parameter_layout

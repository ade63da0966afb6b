// SPDX-License-Identifier: MIT
// A vector broadcast over a map: shapes and names, the oracle, the passes, the back end.
#include <strata/cpu/nhwc/training.hpp>
#include <strata/reference/check_gradients.hpp>

#include "../support/check_backend.hpp"
#include "../support/check_plans.hpp"
#include "../support/cpu_nhwc.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::graph;
using namespace strata::testing;

TEST_CASE("shapes and names") {
  using Net = Network<Image<6, 5, 2>, Broadcast<GlobalAvgPool, Conv<1, 4>>, PixelSoftmax>;
  CHECK(output_shape<Net> == Shape{6, 5, 4});
  CHECK(std::string(tensor_name<Net>(lowered<Net>.parameters[0]).text) == "0.1.weight");
  CHECK(std::string(lowered<Net>.layers[lowered<Net>.layer_count - 2].spelled) ==
        "Broadcast<GlobalAvgPool, Conv<1, 4>>");
}

TEST_CASE("every pixel gets the mean") {
  using Net = Network<Image<2, 2, 1>, Broadcast<GlobalAvgPool>>;
  const float image[] = {1, 2, 3, 6};
  float result[4] = {};
  Workers one(1);
  cpu::nhwc::Inference<Net> inference(1, one);
  const float buffers[] = {1, 0};
  inference.load(nullptr, buffers);
  inference.run({.floats = image, .count = 1}, result);
  for (float y : result) CHECK(y == 3);
}

TEST_CASE("the reference against differences") { CHECK(check_gradients<Broadcast<GlobalAvgPool, Conv<1, 3>>>()); }
TEST_CASE("the passes") {
  for_each_case(BroadcastCases{}, []<class Net>() { check_plans<Net>(); });
}
TEST_CASE("node by node") {
  // A batch norm after a mean sees one number per image: its gradients exceed rounding only from a few images on.
  for_each_case(BroadcastCases{}, []<class Net>() { check_backend<Nhwc, Net>({7, 17}); });
}

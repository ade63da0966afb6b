// SPDX-License-Identifier: MIT
// Estimates of a plan's time on devices that are not present.
#include <strata/cuda/planning/estimate.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include <doctest/doctest.h>

#include "../../support/cuda/plan_of.hpp"
#include "../../support/tolerance.hpp"

namespace cuda_planning_estimate {

using namespace strata;
using namespace strata::models;
using namespace strata::cuda;
using strata::testing::plan_of;
using strata::testing::relative_error;

TEST_CASE("traffic is every tensor once") {
  using Net = Network<Image<4, 5, 3>, Conv<3, 8>, ReLU, Dense<2>, Softmax>;
  const PlanView plan = plan_of<Net, graph::Mode::inference>();
  REQUIRE(plan.nodes[0].op == Op::input);
  CHECK(traffic(plan, 0, 2, Element::fp32) == 2 * 60 * (4 + 1));
  REQUIRE(plan.nodes[1].op == Op::convolution);
  CHECK(traffic(plan, 1, 2, Element::fp32) == 4 * (2 * (60 + 160) + 8 * 3 * 9));
  CHECK(traffic(plan, 1, 2, Element::fp16) == 2 * (2 * (60 + 160) + 8 * 3 * 9));
}

TEST_CASE("a device multiplies by its tensor cores where they know the numbers") {
  CHECK(peak_of(v100_peak, Tf32::precision) == v100_peak.fp32);
  CHECK(peak_of(v100_peak, Fp16::precision) == v100_peak.fp16);
  CHECK(peak_of(v100_peak, Bf16::precision) == v100_peak.fp32);
  CHECK(peak_of(h100_peak, Fp32::precision) == h100_peak.fp32);
  CHECK(peak_of(h100_peak, Tf32::precision) == h100_peak.tf32);
}

TEST_CASE("an estimate adds up") {
  const PlanView plan = plan_of<DeepLabv3Plus<Image<360, 480, 3>, 11, TorchvisionLike>, graph::Mode::training>();
  long macs = 0;
  for (int i = 0; i < plan.count; i++) macs += graph::node_macs(plan.nodes[i]);
  const Estimate e = estimate(plan, 8, Tf32::precision, a100_peak);
  CHECK(e.macs == 8 * macs);
  CHECK(relative_error(e.launches, plan.count * 2e-6) <= 1e-12);
  CHECK(relative_error(e.memory, double(e.bytes) / (a100_peak.bandwidth * 1e12 * 0.8)) <= 1e-12);
  CHECK(e.seconds >= std::max(e.arithmetic, e.memory) + e.launches);
  CHECK(e.seconds <= e.arithmetic + e.memory + e.launches);
  // Nothing is faster than all products at the full peak.
  CHECK(e.seconds > 2.0 * double(e.macs) / (a100_peak.tf32 * 1e12));
}

TEST_CASE("more images take longer, a later device and shorter numbers less") {
  const PlanView plan = plan_of<DeepLabv3Plus<Image<360, 480, 3>, 11, TorchvisionLike>, graph::Mode::training>();
  const auto seconds = [&](int batch, Precision precision, const DevicePeak& device) {
    return estimate(plan, batch, precision, device).seconds;
  };
  CHECK(seconds(16, Tf32::precision, h100_peak) > seconds(8, Tf32::precision, h100_peak));
  CHECK(seconds(8, Tf32::precision, v100_peak) > seconds(8, Tf32::precision, a100_peak));
  CHECK(seconds(8, Tf32::precision, a100_peak) > seconds(8, Tf32::precision, h100_peak));
  CHECK(seconds(8, Tf32::precision, h100_peak) > seconds(8, Fp16::precision, h100_peak));
}

}  // namespace cuda_planning_estimate

// SPDX-License-Identifier: MIT
#include <doctest/doctest.h>

#include <strata/cuda/cudnn/plan_trial.hpp>

#include "../../support/cuda/recording_runtime.hpp"

namespace cuda_cudnn_plan_trial {

using namespace strata::cuda;
using namespace strata::cuda::cudnn;
namespace device = strata::testing::device;

namespace {

TimedPlan fastest_of(const std::vector<std::optional<float>>& times, int most, std::vector<int>* tried = nullptr) {
  return fastest_plan(int(times.size()), most, [&](int i) {
    if (tried) tried->push_back(i);
    return times[std::size_t(i)];
  });
}

/// A product of two maps, through an internal one.
GraphDescription two_steps() {
  GraphDescription graph;
  for (const Flow flow : {Flow::input, Flow::internal, Flow::output})
    graph.add(channels_innermost(2, 8, 3, 3, Element::fp32, flow));
  graph.operations = {{GraphOp::relu, 0, -1, 1}, {GraphOp::multiply, 1, 0, 2}};
  return graph;
}

}  // namespace

TEST_CASE("the fastest of the first few plans that run wins; a tie is the earlier one's") {
  std::vector<int> tried;
  const TimedPlan best = fastest_of({{}, 3.f, 2.f, {}, 2.5f, 1.f}, 3, &tried);
  CHECK(best.plan == 2);
  CHECK(best.milliseconds == 2.f);
  CHECK(best.tried == 3);
  CHECK(tried == std::vector<int>{0, 1, 2, 3, 4});
  CHECK(fastest_of({1.f, 0.98f}, 3).plan == 0);
  CHECK(fastest_of({1.f, 0.96f}, 3).plan == 1);
  CHECK(fastest_of({{}, {}}, 3).plan == -1);
  CHECK(fastest_of({}, 3).plan == -1);
}

TEST_CASE("a plan is timed in memory of its own, which goes afterward") {
  device::begin();
  {
    PlanTrial trial(two_steps());
    int runs = 0;
    const auto time = trial.milliseconds(512, [&](void* const* tensors, void* workspace, Stream stream) {
      runs++;
      CHECK(tensors[0]);
      CHECK(!tensors[1]);
      CHECK(tensors[2]);
      CHECK(tensors[0] != tensors[2]);
      CHECK(workspace);
      const std::vector<float> ones(144, 1);  // all of the memory may be written
      copy_to_device(tensors[2], ones.data(), 576, stream);
      return true;
    });
    CHECK(time.has_value());
    CHECK(runs == 6);
  }
  CHECK(device::log().violations.empty());
  CHECK(device::living_allocations() == 0);
  CHECK(device::living_handles() == 0);
}

TEST_CASE("a plan that does not run, or has no room, is not timed") {
  device::begin();
  {
    PlanTrial trial(two_steps());
    int runs = 0;
    CHECK(!trial.milliseconds(0, [&](void* const*, void*, Stream) { return ++runs < 3; }));
    CHECK(runs == 3);
    CHECK(!trial.milliseconds(1L << 60, [&](void* const*, void*, Stream) { return true; }));
    CHECK(trial.milliseconds(0, [&](void* const*, void*, Stream) { return true; }));
  }
  CHECK(device::log().violations.empty());
  CHECK(device::living_allocations() == 0);
  CHECK(device::living_handles() == 0);
}

}  // namespace cuda_cudnn_plan_trial

// SPDX-License-Identifier: MIT
// The plan interpreter detects what it is there to detect: a plan in which two live values share memory, and one that
// reads a value in the phase that computes it.
#include <strata/reference/plan.hpp>

#include "../support/check_plans.hpp"

#include <cmath>

using namespace strata;
using namespace strata::graph;
using namespace strata::testing;

using Net = Network<Image<5, 6, 2>, Conv<3, 4>, BatchNorm, ReLU, MaxPool<2>, Conv<3, 3, Same>, BatchNorm, ReLU,
                    Dense<3>, Softmax>;

namespace {

reference::Doubles gradients_of(const reference::PlanView& plan, const reference::RandomData& data) {
  return run(plan, reference::Memory::planned, reference::declaration<Net>.functors, data).gradients;
}

}  // namespace

TEST_CASE("the plan as it is") {
  const reference::RandomData data = reference::draw_data(lowered<Net>, 6, 1);
  constexpr auto plan = graph::training_plan<Net, by_group>;
  const PlanResult expected = run_declared(reference::declaration<Net>, graph::Mode::training, data);
  const reference::Doubles given = gradients_of(reference::view(plan, by_group), data);
  CHECK(relative_distance(given.data(), expected.gradients.data(), long(given.size())) <= double_bound);
}

namespace {

/// Places the value of node i + 1 over that of i where i + 1 reads it. Returns for how many nodes this changes the
/// result.
template <class Plan>
int noticed_overlaps(Plan plan, graph::Layout layout, const reference::RandomData& data) {
  const reference::Doubles before = gradients_of(reference::view(plan, layout), data);
  int noticed = 0;
  for (int i = 0; i + 1 < plan.count; i++) {
    graph::Place &first = plan.places[i], &second = plan.places[i + 1];
    if (first.storage == graph::Storage::none || first.storage != second.storage ||
        plan.nodes[i + 1].inputs.first() != i)
      continue;
    const long offset = second.offset;
    second.offset = first.offset;
    noticed += gradients_of(reference::view(plan, layout), data) != before;
    second.offset = offset;
  }
  return noticed;
}

}  // namespace

TEST_CASE("an overlap of living values changes the result") {
  const reference::RandomData data = reference::draw_data(lowered<Net>, 6, 1);
  CHECK(noticed_overlaps(graph::training_plan<Net, by_group>, by_group, data) > 1);
  CHECK(noticed_overlaps(graph::training_plan<Net, by_node>, by_node, data) > 1);
}

TEST_CASE("a batch value read in its own phase is still NaN") {
  const reference::RandomData data = reference::draw_data(lowered<Net>, 6, 1);
  auto plan = graph::training_plan<Net, by_group>;
  for (int i = 0; i < plan.count; i++) plan.phase[i] = 0;
  plan.phases = 1;
  const reference::Doubles given = gradients_of(reference::view(plan, by_group), data);
  bool finite = true;
  for (double g : given) finite = finite && std::isfinite(g);
  CHECK(!finite);
}

using Sums = Network<Image<5, 6, 2>, Conv<3, 4>, Sum<Identity, Conv<1, 4>, Conv<3, 4>>, PixelSoftmax>;

TEST_CASE("a sum is computed in the place of its input: of the first two it may be, of the third it shows") {
  const reference::RandomData data = reference::draw_data(lowered<Sums>, 3, 1);
  auto plan = graph::inference_plan<Sums, by_node>;
  int sum = 0;
  while (plan.nodes[sum].op != graph::Op::sum) sum++;
  REQUIRE(plan.nodes[sum].inputs.count == 3);
  const auto result = [&] {
    return run(reference::view(plan, by_node), reference::Memory::planned, reference::declaration<Sums>.functors, data)
        .result;
  };
  const graph::Place usual = plan.places[sum];
  const reference::Doubles expected = result();
  for (int input = 0; input < 3; input++) {
    plan.places[sum] = plan.places[plan.nodes[sum].inputs[input]];
    CAPTURE(input);
    CHECK((result() == expected) == (input < 2));
    plan.places[sum] = usual;
  }
}

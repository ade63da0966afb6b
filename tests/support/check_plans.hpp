// SPDX-License-Identifier: MIT
// The passes against the tape: the plans of a network, executed in double, give what the declared network gives; and
// values placed by the memory plan give the very bits that values in memory of their own give.
#pragma once

#include <strata/graph/plans.hpp>
#include <strata/reference/plan.hpp>
#include <strata/reference/random_data.hpp>

#include <doctest/doctest.h>

#include <string>

#include "layer_cases.hpp"
#include "tolerance.hpp"

namespace strata::testing {

struct PlanResult {
  reference::Doubles result, gradients, buffers;
  StepResult sums;
};

inline PlanResult run(const reference::PlanView& plan, reference::Memory memory, const reference::Functor* functors,
                      const reference::RandomData& data) {
  const reference::Doubles parameters(data.parameters.begin(), data.parameters.end());
  PlanResult r;
  r.gradients.resize(parameters.size());
  r.buffers.assign(data.buffers.begin(), data.buffers.end());
  reference::Run run{.parameters = parameters.data(), .buffers = r.buffers.data(), .gradients = r.gradients.data(),
                     .images = data.image_view(), .labels = data.label_view(), .options = {.seed = 5}, .functors = functors};
  reference::PlanInterpreter(plan, memory, run).execute();
  r.result = run.result;
  r.sums = run.sums;
  return r;
}

inline PlanResult run_declared(const reference::Declaration& net, graph::Mode mode, const reference::RandomData& data) {
  const reference::Doubles parameters(data.parameters.begin(), data.parameters.end());
  PlanResult r;
  r.gradients.resize(parameters.size());
  r.buffers.assign(data.buffers.begin(), data.buffers.end());
  reference::Tape tape(net, data.count);
  if (mode == graph::Mode::training) {
    r.sums = reference::step(tape, parameters.data(), r.buffers.data(), data.image_view(), data.label_view(), r.gradients.data(), {.seed = 5});
    return r;
  }
  reference::read(tape, data.image_view(), r.buffers.data());
  tape.forward(parameters.data(), r.buffers.data(), {.mode = mode});
  for (int n = 0; n < data.count; n++) {
    const reference::Map y = tape.value(net.result, n);
    r.result.insert(r.result.end(), y.data, y.data + y.size());
  }
  return r;
}

/// Gradients may be zero but for rounding (a bias in front of a batch norm): their scale is that of the whole block.
inline void check_same(const PlanResult& given, const PlanResult& expected) {
  REQUIRE(given.result.size() == expected.result.size());
  CHECK(distance(given.result.data(), expected.result.data(), long(expected.result.size())) <= double_bound);
  CHECK(relative_distance(given.gradients.data(), expected.gradients.data(), long(expected.gradients.size())) <= double_bound);
  CHECK(relative_distance(given.buffers.data(), expected.buffers.data(), long(expected.buffers.size())) <= double_bound);
  CHECK(given.sums.loss == doctest::Approx(expected.sums.loss).epsilon(double_bound));
  CHECK(given.sums.correct == expected.sums.correct);
  CHECK(given.sums.counted == expected.sums.counted);
}

inline void check_plan(const char* name, const char* target, const reference::PlanView& plan, const reference::Functor* functors,
                       const reference::Declaration& net, graph::Mode mode, const reference::RandomData& data) {
  INFO(std::string(name), ": ", std::string(target), ", ", data.count, " images");
  const PlanResult expected = run_declared(net, mode, data);
  const PlanResult separate = run(plan, reference::Memory::separate, functors, data);
  const PlanResult planned = run(plan, reference::Memory::planned, functors, data);
  check_same(separate, expected);
  CHECK(planned.result == separate.result);
  CHECK(planned.gradients == separate.gradients);
  CHECK(planned.buffers == separate.buffers);
  CHECK(planned.sums.loss == separate.sums.loss);
}

inline constexpr graph::Layout by_node{.lanes = 1, .by_group = false, .align = 16}, by_group{.lanes = 4, .by_group = true, .align = 1};

/// Every kind of plan of one network, for one image, a group and a bit, and more groups.
template <class Net>
void check_plans() {
  for (int count : {1, 6, 9}) {
    const reference::RandomData data = reference::smooth_data<Net>(count, 1e-9);
    const auto check = [&](const char* target, const auto& plan, graph::Layout layout, graph::Mode mode) {
      check_plan(spelling_of<Net>(), target, reference::view(plan, layout), reference::declaration<Net>.functors,
                 reference::declaration<Net>, mode, data);
    };
    using graph::Mode;
    check("inference by node", graph::inference_plan<Net, by_node>, by_node, Mode::inference);
    check("inference by group", graph::inference_plan<Net, by_group>, by_group, Mode::inference);
    check("training by node", graph::training_plan<Net, by_node>, by_node, Mode::training);
    constexpr graph::PlanOptions all{.rewrite = {.least_channels = 1}}, declared{.rewrite = graph::no_rewrites},
        first_too{.recompute = {.least_floats = 0, .first_convolution = true}},
        every_time{.recompute = {.moves_per_element = 1000, .least_floats = 0, .kept_nodes = 0}},
        in_blocks{.recompute = {.least_floats = 0, .linear_in_a_row = 2}}, cheap_or_not{.fuse = {0}, .recompute = {true, 1000}}, stored{.recompute = {.enabled = false}},
        joined{.fuse = {.joins = true}};
    check("inference by node, no concat of enlarged maps", graph::inference_plan<Net, by_node, all>, by_node, Mode::inference);
    check("training by node, no concat of enlarged maps", graph::training_plan<Net, by_node, all>, by_node, Mode::training);
    check("inference by node, as declared", graph::inference_plan<Net, by_node, declared>, by_node, Mode::inference);
    check("training by node, as declared", graph::training_plan<Net, by_node, declared>, by_node, Mode::training);
    check("training by node, light values made again", graph::training_plan<Net, by_node, first_too>, by_node, Mode::training);
    check("training by node, made again for every reader", graph::training_plan<Net, by_node, every_time>, by_node, Mode::training);
    check("training by node, in blocks", graph::training_plan<Net, by_node, in_blocks>, by_node, Mode::training);
    check("training by node, gradients joined", graph::training_plan<Net, by_node, joined>, by_node, Mode::training);
    check("training by group", graph::training_plan<Net, by_group>, by_group, Mode::training);
    check("training, all made again", graph::training_plan<Net, by_group, cheap_or_not>, by_group, Mode::training);
    check("training by group, all stored", graph::training_plan<Net, by_group, stored>, by_group, Mode::training);
  }
}

}  // namespace strata::testing

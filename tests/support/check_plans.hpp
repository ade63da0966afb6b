// SPDX-License-Identifier: MIT
// The passes against the tape: the plans of a network, executed in double, give the results of the declared network;
// and values placed by the memory plan give the same bits as values in separate memory.
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
  core::StepResult sums;
  core::StepResult more[graph::max_ports - 1]{};  ///< of heads 1, 2, ...
};

/// Executes a plan in double. kept: as in StepOptions.
PlanResult run(const reference::PlanView& plan, reference::Memory memory, const reference::Functor* functors,
               const reference::RandomData& data, const unsigned char* kept = nullptr);
/// Executes the network as it is declared.
PlanResult run_declared(const reference::Declaration& net, graph::Mode mode, const reference::RandomData& data,
                        const unsigned char* kept = nullptr);

/// Checks one plan against the declared network, executed in double with values in separate memory and where the plan
/// places them; in training also with the statistics of all batch norms kept.
void check_plan(const char* name, const char* target, const reference::PlanView& plan,
                const reference::Functor* functors, const reference::Declaration& net, graph::Mode mode,
                const reference::RandomData& data);

inline constexpr graph::Layout by_node{.lanes = 1, .by_group = false, .align = 16},
    by_group{.lanes = 4, .by_group = true, .align = 1};

/// Checks every kind of plan of one network: for one image, for a group and a part of one, and for more groups.
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
        in_blocks{.recompute = {.least_floats = 0, .linear_in_a_row = 2}},
        cheap_or_not{.fuse = {0}, .recompute = {true, 1000}}, stored{.recompute = {.enabled = false}},
        joined{.fuse = {.joins = true}};
    check("inference by node, no concat of enlarged maps", graph::inference_plan<Net, by_node, all>, by_node,
          Mode::inference);
    check("training by node, no concat of enlarged maps", graph::training_plan<Net, by_node, all>, by_node,
          Mode::training);
    check("inference by node, as declared", graph::inference_plan<Net, by_node, declared>, by_node, Mode::inference);
    check("training by node, as declared", graph::training_plan<Net, by_node, declared>, by_node, Mode::training);
    check("training by node, cheap values recomputed", graph::training_plan<Net, by_node, first_too>, by_node,
          Mode::training);
    check("training by node, recomputed for every reader", graph::training_plan<Net, by_node, every_time>, by_node,
          Mode::training);
    check("training by node, in blocks", graph::training_plan<Net, by_node, in_blocks>, by_node, Mode::training);
    check("training by node, gradients joined", graph::training_plan<Net, by_node, joined>, by_node, Mode::training);
    check("training by group", graph::training_plan<Net, by_group>, by_group, Mode::training);
    check("training, all recomputed", graph::training_plan<Net, by_group, cheap_or_not>, by_group, Mode::training);
    check("training by group, all stored", graph::training_plan<Net, by_group, stored>, by_group, Mode::training);
  }
}

template <class... Net>
void check_plans_of(spec::type_list<Net...>) {
  (check_plans<Net>(), ...);
}

}  // namespace strata::testing

// SPDX-License-Identifier: MIT
// All passes, one after the other, on whole networks.
#include <strata/graph/plans.hpp>
#include <strata/models/deeplab_v3_plus.hpp>
#include <strata/models/digits.hpp>

#include <doctest/doctest.h>

#include "../support/graphs.hpp"

using namespace strata;
using namespace strata::graph;

using Street = DeepLabv3Plus<Image<720, 960, 3>, 11>;

TEST_CASE("digits: six nodes of inference, everything in scratch") {
  constexpr auto& plan = inference_plan<Digits<>, Layout{8, true}>;
  static_assert(plan.count == 6);
  static_assert(plan.frame == 0);
  static_assert(well_formed(inference_graph<Digits<>>));
}

TEST_CASE("DeepLabv3+ lowers, is fused, and differentiates") {
  static_assert(well_formed(inference_graph<Street>));
  static_assert(well_formed(training_graph<Street>));
  constexpr auto& inference = inference_graph<Street>;
  CHECK(count_of(inference, Op::batch_norm) == 0);  // 28 of them, all folded
  CHECK(count_of(inference, Op::pointwise) == 0);
  CHECK(count_of(inference, Op::sum) == 0);
  CHECK(count_of(inference, Op::crop) == 0);
  CHECK(count_of(inference_graph<DeepLabv3Plus<Image<360, 480, 3>, 11>>, Op::crop) == 0);
  constexpr auto& training = training_graph<Street>;
  CHECK(count_of(training, Op::convolution_weight_gradient) == count_of(training, Op::convolution));
  CHECK(count_of(training, Op::convolution_input_gradient) == count_of(training, Op::convolution) - 1);
  CHECK(count_of(training, Op::normalize_input_gradient) == 28);
  CHECK(count_of(training, Op::resize_taps_gradient) == 1);
  CHECK(count_of(training, Op::resize_gradient) == 0);  // the last one is part of the loss
}

TEST_CASE("memory of DeepLabv3+ for an image of 720 x 960") {
  constexpr Layout by_node{.lanes = 1, .by_group = false, .align = 16};
  constexpr PlanOptions first_too{.recompute = {.first_convolution = true}};
  constexpr PlanOptions declared{.rewrite = {.concat_of_resize = false}},
      stored{.rewrite = {.concat_of_resize = false}, .fuse = {.prologues = false}, .recompute = {.enabled = false}},
      blocks{.recompute = {.linear_in_a_row = 2}};
  constexpr long megabyte = 250'000;  // floats
  CHECK(inference_plan<Street, by_node>.frame <= 90 * megabyte);
  CHECK(inference_plan<Street, by_node, declared>.frame <= 106 * megabyte);
  CHECK(training_plan<Street, by_node, stored>.frame > 580 * megabyte);
  CHECK(training_plan<Street, by_node, declared>.frame <= 370 * megabyte);
  CHECK(training_plan<Street, by_node>.frame <= 355 * megabyte);
  CHECK(training_plan<Street, by_node, first_too>.frame <= 310 * megabyte);
  CHECK(training_plan<Street, by_node, blocks>.frame <= 215 * megabyte);
}

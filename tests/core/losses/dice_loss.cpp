// SPDX-License-Identifier: MIT
// The slopes of the Dice loss, whose pixels depend on each other, and its range.
#include <strata/core/losses/dice_loss.hpp>

#include "../../support/loss_slopes.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

TEST_CASE("slopes") {
  const float weights[] = {0.5f, 2.f, 1.f};
  const LossData data(-3, 3);
  for (const LossTerm& term : {LossTerm{.function = &dice_loss, .numbers = {1, 0}},
                               LossTerm{.function = &dice_loss, .weights = weights, .numbers = {0.5, 0.25}},
                               LossTerm{.function = &binary_dice_loss, .numbers = {1, 0}},
                               LossTerm{.function = &binary_dice_loss, .weights = weights, .numbers = {0.5, 0.25}}})
    check_slopes(term, data, true);
  check_slopes({.function = &dice_loss, .numbers = {1, 0.5}}, data, false);
}

TEST_CASE("it is 0 where all is right, and near 1 where all is wrong") {
  LossData data(0, 0);
  for (int p = 0; p < loss_pixels; p++)
    for (int c = 0; c < loss_channels; c++)
      data.scores[std::size_t(p * loss_channels + c)] = data.labels[std::size_t(p)] == c ? 50 : -50;
  const LossTerm term{.function = &dice_loss, .numbers = {0.001, 0}};
  const StepResult right = loss_at(term, data, false, nullptr);
  CHECK(right.loss == doctest::Approx(0).epsilon(1e-6));
  CHECK(right.correct == 5);
  for (double& score : data.scores) score = -score;
  CHECK(loss_at(term, data, false, nullptr).loss / 5 > 0.7);
}

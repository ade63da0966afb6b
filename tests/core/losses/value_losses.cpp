// SPDX-License-Identifier: MIT
// The slopes of the losses of values.
#include <strata/core/losses/value_losses.hpp>

#include "../../support/loss_slopes.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

TEST_CASE("slopes") {
  const float weights[] = {0.5f, 2.f, 1.f}, positive[] = {2.f, 0.5f, 3.f};
  const LossData data(-3, 3), shares(0.1, 0.9);
  check_slopes({.function = &squared_loss, .weights = weights}, data, true);
  check_slopes({.function = &absolute_loss}, data, true);
  check_slopes({.function = &huber_loss, .numbers = {0.75, 0}}, data, true);
  check_slopes({.function = &logistic_loss, .weights = weights, .positive_weights = positive}, data, true);
  check_slopes({.function = &probability_loss, .positive_weights = positive}, shares, true);
  check_slopes({.function = &binary_focal_loss, .numbers = {0.25, 2}}, data, true);
  check_slopes({.function = &binary_focal_loss, .numbers = {-1, 0.5}}, data, true);
  check_slopes({.function = &divergence_loss}, data, true);
}

TEST_CASE("the loss of odds is that of probabilities") {
  LossData odds(-3, 3), shares = odds;
  for (double& score : shares.scores) score = 1 / (1 + std::exp(-score));
  const StepResult of_odds = loss_at({.function = &logistic_loss}, odds, true, nullptr),
                   of_shares = loss_at({.function = &probability_loss}, shares, true, nullptr);
  CHECK(of_odds.loss == doctest::Approx(of_shares.loss));
  CHECK(of_odds.correct == of_shares.correct);
  CHECK(of_odds.counted == 17);
}

TEST_CASE("large scores give finite losses and gradients") {
  LossData data(-1, 1);
  for (double& score : data.scores) score *= 1e4;
  for (const LossFunction* function : {&logistic_loss, &binary_focal_loss}) {
    std::vector<double> gradient(data.scores.size());
    const StepResult sums = loss_at({.function = function, .numbers = {-1, 0.5}}, data, true, gradient.data());
    CHECK(sums.loss < 1e6);
    for (const double g : gradient) CHECK(std::fabs(g) <= 1.0);
  }
  for (double& score : data.scores) score = score > 0;
  const StepResult sums = loss_at({.function = &probability_loss}, data, true, nullptr);
  CHECK(sums.loss <= 100 * 17);
}

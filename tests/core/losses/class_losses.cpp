// SPDX-License-Identifier: MIT
// The slopes of the losses of classes, with labels and with probabilities.
#include <strata/core/losses/class_losses.hpp>

#include "../../support/loss_slopes.hpp"

using namespace strata;
using namespace strata::core;
using namespace strata::testing;

TEST_CASE("slopes") {
  const float weights[] = {0.5f, 2.f, 1.f};
  const LossData data(-3, 3);
  for (const bool of_floats : {false, true}) {
    check_slopes({.function = &cross_entropy_loss}, data, of_floats);
    check_slopes({.function = &cross_entropy_loss, .weights = weights, .numbers = {0.2, 0}}, data, of_floats);
    check_slopes({.function = &focal_loss, .weights = weights, .numbers = {-1, 2}}, data, of_floats);
    check_slopes({.function = &focal_loss, .numbers = {-1, 0.5}}, data, of_floats);
    check_slopes({.function = &kullback_leibler_loss}, data, of_floats);
  }
}

TEST_CASE("the focal loss without focusing is the cross-entropy") {
  const LossData data(-3, 3);
  CHECK(loss_at({.function = &focal_loss, .numbers = {-1, 0}}, data, false, nullptr).loss ==
        doctest::Approx(loss_at({.function = &cross_entropy_loss}, data, false, nullptr).loss));
}

TEST_CASE("scores far apart give finite losses and gradients") {
  LossData data(-1, 1);
  for (double& score : data.scores) score *= 1e4;
  for (const LossFunction* function : {&cross_entropy_loss, &focal_loss, &kullback_leibler_loss}) {
    std::vector<double> gradient(data.scores.size());
    const StepResult sums = loss_at({.function = function, .numbers = {0, 0.5}}, data, false, gradient.data());
    CHECK(sums.loss < 1e6);
    for (const double g : gradient) CHECK(std::fabs(g) <= 1.0);
  }
}

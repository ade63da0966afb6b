// SPDX-License-Identifier: MIT
// The gradient of a loss function against differences of the loss, in double, and its sums.
#pragma once

#include <strata/core/losses/step_loss.hpp>
#include <strata/core/losses/step_result.hpp>
#include <strata/core/random.hpp>

#include <doctest/doctest.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

namespace strata::testing {

inline constexpr int loss_pixels = 6, loss_channels = 3;

/// Scores, and targets of both kinds, some of which are missing.
struct LossData {
  std::vector<double> scores;
  std::vector<std::int32_t> labels{0, 2, -1, 1, 1, 0};
  std::vector<float> targets;

  LossData(double low, double high) {
    core::Random random{9, 0};
    for (int i = 0; i < loss_pixels * loss_channels; i++) {
      scores.push_back(low + (high - low) * double(random.uniform()));
      targets.push_back(i == 7 ? std::numeric_limits<float>::quiet_NaN() : random.uniform());
    }
  }
};

/// The sums of the loss at these scores; gradient: null, or written.
inline core::StepResult loss_at(const core::LossTerm& term, const LossData& data, bool of_floats, double* gradient) {
  std::vector<double> own(data.scores.size()), of_image(std::size_t(core::sums_of_image(loss_channels)));
  core::LossRun<double> run{.scores = data.scores.data(), .gradient = gradient ? gradient : own.data()};
  if (of_floats) run.targets = data.targets.data();
  else run.labels = data.labels.data();
  run.count = loss_pixels, run.stride = run.channels = loss_channels;
  if (term.function->gather_doubles) {
    term.function->gather_doubles(term, run, of_image.data());
    run.of_image = of_image.data();
  }
  core::StepResult sums;
  term.function->doubles(term, run, sums);
  return sums;
}

/// Checks that the gradient is the slope of the loss, and that as much is counted as sum_targets() says.
inline void check_slopes(const core::LossTerm& term, LossData data, bool of_floats) {
  INFO(std::string(term.function->name), std::string(of_floats ? ", of floats" : ", of labels"));
  std::vector<double> gradient(data.scores.size());
  const core::StepResult sums = loss_at(term, data, of_floats, gradient.data());
  for (std::size_t i = 0; i < gradient.size(); i++) {
    constexpr double step = 1e-5;
    const double before = data.scores[i];
    data.scores[i] = before + step;
    const double above = loss_at(term, data, of_floats, nullptr).loss;
    data.scores[i] = before - step;
    const double below = loss_at(term, data, of_floats, nullptr).loss;
    data.scores[i] = before;
    CHECK(gradient[i] == doctest::Approx((above - below) / (2 * step)).epsilon(1e-6));
  }
  Labels labels{.values = data.labels.data()};
  if (of_floats) labels = {.floats = data.targets.data()};
  const core::LabelSums expected = core::sum_targets(term, labels, 1, loss_pixels, loss_channels);
  CHECK(sums.counted == expected.counted);
  CHECK(sums.weight == doctest::Approx(expected.weight));
}

}  // namespace strata::testing

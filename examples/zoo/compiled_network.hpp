// SPDX-License-Identifier: MIT
// The functions of a compiled network. Each .cpp in networks/ includes this and compiles one.
#pragma once

#include <algorithm>
#include <utility>
#include <vector>

#include <strata/core/clock.hpp>
#include <strata/cpu/training_work.hpp>

#include "../shared/compiled_classifier.hpp"
#include "network.hpp"

namespace zoo {

/// The input of the networks that the program trains.
using Small = strata::Image<96, 96, 3>;

template <class Net>
Predicted predict(const strata::io::Safetensors& file, const strata::Images& images, int threads) {
  strata::Model<Net> model{{.threads = threads}};
  model.evaluation_batch(1);
  if constexpr (strata::Model<Net>::input.channels == 3)
    model.input_scaling({.mean = {123.675f, 116.28f, 103.53f}, .deviation = {58.395f, 57.12f, 57.375f}});
  else model.input_scaling({.mean = {0}, .deviation = {255}});
  strata::load(model, file);
  Predicted out{std::vector<float>(std::size_t(images.count * strata::Model<Net>::output.size())), model.classes()};
  model.predict(images, out.probabilities);
  return out;
}

/// Predicts one image until two seconds have passed, at least five times and at most a thousand; the first does not
/// count, since it allocates.
template <class Net>
std::pair<double, int> time(int threads) {
  const strata::Model<Net> model{{.threads = threads}};
  const std::vector<float> image(std::size_t(strata::Model<Net>::input.size()), 0.5f);
  std::vector<float> result(std::size_t(strata::Model<Net>::output.size())), seconds;
  const double started = strata::core::clock_seconds();
  for (int run = -1; run < 5 || (run < 1000 && strata::core::clock_seconds() - started < 2); run++) {
    const double begun = strata::core::clock_seconds();
    model.predict({.floats = image.data(), .count = 1}, result);
    if (run >= 0) seconds.push_back(float(strata::core::clock_seconds() - begun));
  }
  std::nth_element(seconds.begin(), seconds.begin() + long(seconds.size() / 2), seconds.end());
  return {double(seconds[seconds.size() / 2]), int(seconds.size())};
}

/// `rate`: of the recipe.
template <class Net>
constexpr TrainableNetwork trainable(double rate) {
  return {.input = strata::Model<Net>::input,
          .rate = rate,
          .facts = &shared::facts<Net, &strata::summary<Net>>,
          .work = strata::cpu::training_work<Net>,
          .training_bytes = &shared::training_bytes<Net>,
          .train = &shared::train<Net, strata::Cpu>,
          .predict = &predict<Net>};
}

}  // namespace zoo

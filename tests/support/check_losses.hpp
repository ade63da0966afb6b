// SPDX-License-Identifier: MIT
// Training steps with every loss that fits a network, against the reference, for several batch sizes and thread counts:
// the same bits for every thread count, some labels and values missing, and images that are given by an index.
#pragma once

#include <strata/core/losses/dice_loss.hpp>

#include <limits>

#include "check_backend.hpp"

namespace strata::testing {

/// Three numbers a class or channel, never 0.
inline std::vector<float> weights_for(int channels, float first) {
  std::vector<float> out;
  for (int c = 0; c < channels; c++) out.push_back(first + 0.25f * float(c % 3));
  return out;
}

/// Losses after a softmax, or of the output.
inline std::vector<core::LossTerm> loss_terms(bool after_softmax, const float* weights, const float* positive) {
  if (after_softmax)
    return {{.function = &core::cross_entropy_loss, .weights = weights, .numbers = {0.1, 0}},
            {.function = &core::focal_loss, .weights = weights, .numbers = {-1, 2}},
            {.function = &core::kullback_leibler_loss},
            {.function = &core::dice_loss, .weights = weights, .numbers = {1, 0}},
            {.function = &core::dice_loss, .numbers = {0.5, 0.75}}};
  return {{.function = &core::squared_loss, .weights = weights},
          {.function = &core::huber_loss, .numbers = {0.5, 0}},
          {.function = &core::logistic_loss, .positive_weights = positive},
          {.function = &core::binary_focal_loss, .numbers = {0.25, 2}},
          {.function = &core::binary_dice_loss, .numbers = {1, 0.5}},
          {.function = &core::cross_entropy_loss}};
}

/// Targets from 0 to 1 of a batch, about one in eight of which is missing.
inline std::vector<float> draw_targets(long count) {
  core::Random random{7, 0};
  std::vector<float> out;
  for (long i = 0; i < count; i++)
    out.push_back(random.below(8) == 0 ? std::numeric_limits<float>::quiet_NaN() : random.uniform());
  return out;
}

inline void check_losses(const Subject& subject, MakeTraining make, std::initializer_list<int> batches,
                         std::initializer_list<int> threads) {
  INFO(std::string(subject.spelling));
  const int channels = subject.tensors.output.channels;
  const bool after_softmax = subject.net.nodes[subject.net.result].op == graph::Op::softmax;
  const std::vector<float> weights = weights_for(channels, 0.5f), positive = weights_for(channels, 0.75f);
  for (const int batch : batches) {
    const reference::RandomData data = reference::smooth_data(subject.net, subject.tensors, batch);
    const std::vector<float> targets = draw_targets(batch * subject.tensors.output.size());
    std::vector<std::int32_t> index;
    for (int i = 0; i < batch; i++) index.push_back((2 * i + 1) % batch);
    for (const core::LossTerm& term : loss_terms(after_softmax, weights.data(), positive.data()))
      for (const bool of_floats : {false, true}) {
        if (!of_floats && term.function->targets != core::Targets::classes) continue;
        Labels labels{.values = data.labels.data(), .index = index.data()};
        if (of_floats) labels = {.index = index.data(), .floats = targets.data()};
        const core::StepOptions options{.seed = 5, .losses = {&term, 1}};
        const auto run = [&](auto& training) {
          Stepped s{std::vector<float>(data.parameters.size()), data.buffers, {}};
          s.sums = training.step(data.parameters.data(), s.buffers.data(), data.image_view(), labels,
                                 s.gradients.data(), options);
          return s;
        };
        INFO(std::string(term.function->name), std::string(of_floats ? " of floats, " : ", "), batch, " images");
        reference::DeclaredTraining oracle(subject.net);
        const Stepped expected = run(oracle);
        std::vector<Stepped> first;
        for (const int t : threads) {
          core::Workers workers(t);
          const auto training = make(batch + 3, workers);
          for (int repeat = 0; repeat < 2; repeat++) {
            const Stepped given = run(*training);
            if (first.empty()) first.push_back(given);
            CHECK(given == first[0]);
          }
        }
        const core::StepResult &sums = first[0].sums, &wanted = expected.sums;
        CHECK(std::fabs(sums.loss - wanted.loss) <= forward_bound * (1 + std::fabs(wanted.loss)));
        CHECK(sums.weight == doctest::Approx(wanted.weight));
        CHECK(sums.correct == wanted.correct);
        CHECK(sums.counted == wanted.counted);
        CHECK(relative_distance(first[0].gradients.data(), expected.gradients.data(),
                                long(expected.gradients.size())) <= gradient_bound);
      }
  }
}

/// Checks the losses of `Net` on `Backend`.
template <class Backend, class Net>
void check_losses(std::initializer_list<int> batches = {1, 7, 17}, std::initializer_list<int> threads = {1, 2, 3}) {
  check_losses(subject<Net>(), make_training<typename Backend::template Training<Net>>, batches, threads);
}

}  // namespace strata::testing

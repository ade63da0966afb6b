// SPDX-License-Identifier: MIT
// A network with two sources and three heads on a back end, against PyTorch: its outputs, its losses, the gradients of
// their weighted sum, and the parameters after an update, at once and in parts.
#pragma once

#include <strata/reference/random_data.hpp>

#include "check_golden.hpp"
#include "check_losses.hpp"
#include "heads.hpp"

namespace strata::testing {

using Policy =
    Network<Inputs<Source<"picture", Image<4, 5, 2>>, Source<"tone", Image<1, 4, 1>>>, Conv<3, 4>, GroupNorm<2>, SiLU,
            Tap<"early">, Conv<3, 6, Stride<2>>, Tanh, GlobalAvgPool,
            Concat<Identity, Sequential<From<"tone">, Dense<5>>>, Dense<8>, Tanh,
            Outputs<Head<"class", Dense<3>, Softmax>, Head<"values", Dense<6>, SiLU, Dense<4>>,
                    OnlyInTraining<Head<"aux", From<"early">, Conv<1, 3>, GlobalAvgPool, Softmax>>>>;

/// The samples of make_heads.py: the values are to be those of the tone.
struct PolicySamples {
  reference::RandomData data = reference::draw_data(graph::lowered<Policy>, 8, 5);
  Images tones;
  Labels others[2];

  int count() const { return data.count; }
  Batch batch(const std::int32_t* index, int n) {
    tones = {.floats = data.more_images[0].data(), .index = index, .count = n};
    others[0] = {.index = index, .floats = data.more_images[0].data()};
    others[1] = {.values = data.more_labels[1].data(), .index = index};
    return {{.floats = data.images.data(), .index = index, .count = n, .more = &tones},
            {.values = data.labels.data(), .index = index, .more = others}};
  }
};

inline std::vector<Loss> policy_losses() {
  return {CrossEntropy{.reduction = Reduction::weighted_mean, .class_weights = {0.5f, 1.5f, 1.f}},
          MeanSquaredError{.scale = 0.5}, CrossEntropy{.smoothing = 0.1, .scale = 0.3}};
}

/// Outputs, and the gradients of a step.
template <class Backend>
void check_policy_step(double forward_bound, double gradient_bound) {
  constexpr auto& net = graph::lowered<Policy>;
  PolicySamples samples;
  const Batch batch = samples.batch(nullptr, 8);
  std::vector<float> buffers = samples.data.buffers, gradients(samples.data.parameters.size()), classes(8 * 3), values(8 * 4);
  core::Workers workers(2);
  typename Backend::template Inference<Policy> inference(8, workers);
  inference.load(samples.data.parameters.data(), buffers.data());
  float* const results[] = {classes.data(), values.data()};
  inference.run(batch.images, results);
  check_tensor(golden::heads_scores[0], classes.data(), forward_bound, 0);
  check_tensor(golden::heads_scores[1], values.data(), forward_bound, 0);

  training::detail::HeadLosses losses(policy_losses(), training::detail::heads_of<Policy>(), "test");
  core::StepResult sums[3];
  typename Backend::template Training<Policy> training(8, workers);
  sums[0] = training.step(samples.data.parameters.data(), buffers.data(), batch.images, batch.labels, gradients.data(),
                          {.losses = losses.terms(8), .more = sums + 1});
  const double expected[] = {golden::heads_loss_of_class, golden::heads_loss_of_values, golden::heads_loss_of_aux};
  for (int h = 0; h < 3; h++) CHECK(relative_error(losses.loss_of(h, sums[h], 8), expected[h]) < forward_bound);
  REQUIRE(net.parameter_count == int(golden::heads_gradients.size()));
  check_tensors(net.parameters, golden::heads_gradients, gradients.data(), gradient_bound, 1e-2);
}

/// An update of a training, whose micro-batches do not change what each loss is divided by.
template <class Backend>
void check_policy_update(int micro_batch, double bound) {
  constexpr auto& net = graph::lowered<Policy>;
  PolicySamples samples;
  Model<Policy, Backend> model{{.threads = 1}};
  std::copy(samples.data.parameters.begin(), samples.data.parameters.end(), model.parameters().begin());
  std::copy(samples.data.buffers.begin(), samples.data.buffers.end(), model.buffers().begin());
  const auto run = train(model, samples,
                         {.epochs = 1,
                          .batch = 8,
                          .micro_batch = micro_batch,
                          .optimizer = Sgd{.rate = 0.5, .momentum = 0},
                          .losses = policy_losses(),
                          .input = Normalization::keep});
  INFO("micro_batch = ", micro_batch);
  REQUIRE(run.history.size() == 1);
  CHECK(relative_error(run.history[0].loss, golden::heads_loss) < bound);
  for (int t = 0; t < net.parameter_count; t++) {
    const int offset = net.parameters[t].offset;
    check_moves(golden::heads_after[std::size_t(t)], samples.data.parameters.data() + offset,
                model.parameters().data() + offset, bound);
  }
}

template <class Backend>
void check_policy(double forward_bound, double gradient_bound) {
  check_policy_step<Backend>(forward_bound, gradient_bound);
  for (int micro_batch : {0, 3, 1}) check_policy_update<Backend>(micro_batch, gradient_bound);
}

}  // namespace strata::testing

// SPDX-License-Identifier: MIT
// Calls of a network on a back end that a declaration names, through the interface that programs use: Model predicts,
// and the learner that train() makes takes the steps.
#pragma once

#include <strata/benchmark/inputs.hpp>
#include <strata/benchmark/steps.hpp>
#include <strata/benchmark/subject_of.hpp>
#include <strata/train/learner.hpp>
#include <strata/train/model.hpp>
#include <strata/train/sgd.hpp>

#include <algorithm>
#include <memory>

namespace strata::benchmarks {

/// A rate too small to change a parameter: an update costs what it does, and every step computes the same numbers.
inline constexpr double steady_rate = 1e-30;

namespace detail {

template <class Net, class Backend>
struct OnBackend {
  Model<Net, Backend> model;
  core::Floats result{};
  std::unique_ptr<training::Learner> learner{};

  OnBackend(const Inputs& inputs, core::Workers& workers) : model({.workers = &workers}) {
    std::copy(inputs.parameters.begin(), inputs.parameters.end(), model.parameters().data());
    std::copy(inputs.buffers.begin(), inputs.buffers.end(), model.buffers().data());
  }
};

/// As Lesson::losses; empty: the cross-entropy of labels.
inline std::vector<core::LossTerm> losses_of(const Inputs& inputs) {
  return inputs.heads.size() > 1 ? inputs.terms() : std::vector<core::LossTerm>{};
}
/// As Lesson::float_targets.
inline unsigned floats_of(const Inputs& inputs) {
  return core::heads_with_floats(inputs.labels(), int(inputs.heads.size()));
}

}  // namespace detail

/// A call of `Net` on `Backend`. Training: `Net` is trainable.
template <class Net, class Backend>
Call call_on(bool training, const Inputs& inputs, int images, core::Workers& workers) {
  const auto on = std::make_shared<detail::OnBackend<Net, Backend>>(inputs, workers);
  const Images batch = inputs.images();
  if (!training) {
    on->model.evaluation_batch(images);
    on->result.resize(std::size_t(images) * std::size_t(Model<Net, Backend>::result_floats));
    return [on, batch] { on->model.predict(batch, on->result); };
  }
  if constexpr (is_trainable<Net>) {
    constexpr auto& net = graph::lowered<Net>;
    on->learner = training::make_learner<Net, Backend>({.table = net.parameters,
                                                        .tensors = net.parameter_count,
                                                        .parameter_floats = net.parameter_floats,
                                                        .buffer_floats = net.buffer_floats,
                                                        .parameters = on->model.parameters().data(),
                                                        .buffers = on->model.buffers().data(),
                                                        .images = images,
                                                        .optimizer = Sgd{.rate = steady_rate},
                                                        .losses = detail::losses_of(inputs),
                                                        .float_targets = detail::floats_of(inputs)},
                                                       workers);
    return [on, batch, &inputs] {
      on->learner->stage(batch, inputs.labels());
      on->learner->launch(inputs.options());
      check_loss(on->learner->finish());
      on->learner->update(steady_rate);
    };
  }
  return {};
}

}  // namespace strata::benchmarks

// SPDX-License-Identifier: MIT
// Calls of a whole network: by the CPU's two programs, by the reference, and by the back ends that its declaration
// names.
#pragma once

#include <strata/benchmark/complete_program.hpp>
#include <strata/benchmark/given_backend.hpp>
#include <strata/benchmark/inputs.hpp>
#include <strata/cpu/lanes/inference.hpp>
#include <strata/cpu/lanes/training.hpp>
#include <strata/cpu/nhwc/training.hpp>
#include <strata/reference/reference.hpp>
#include <strata/train/updater.hpp>

#include <memory>
#include <string>
#include <utility>
#include <vector>

namespace strata::benchmarks {

/// The reference back end runs where one call of it takes at most seconds: this many multiply-adds.
inline constexpr double reference_macs = 2e9;

/// The back ends that run so many images of a subject: "lanes" and "nhwc", the CPU's programs, of which a model runs
/// the first; "reference"; and the given ones.
inline std::vector<std::string> backends_of(const Subject& subject, int images) {
  std::vector<std::string> names;
  if (subject.in_lanes(images)) names.emplace_back("lanes");
  names.emplace_back("nhwc");
  if (double(subject.macs) * images * (subject.training ? 3 : 1) <= reference_macs) names.emplace_back("reference");
  for (const GivenBackend& given : subject.given) names.push_back(given.name);
  return names;
}

namespace detail {

/// A program by node with memory of its own.
template <class Program>
struct OnNodes {
  CompleteProgram complete;
  core::Arena arena;
  Program program;

  OnNodes(const Subject& subject, int images, core::Workers& workers)
      : complete(*subject.nodes),
        arena(std::size_t(complete.program.floats(images, workers.count())) * sizeof(float)),
        program(complete.program, arena.floats(), images, workers) {}
};

/// Inferences by a program that its owner keeps alive.
template <class Owner, class Program>
Call inference_of(std::shared_ptr<Owner> owner, Program& program, const Subject& subject, const Inputs& inputs,
                  int images) {
  struct State {
    std::shared_ptr<Owner> owner;
    core::Floats result;
  };
  const long floats = graph::result_floats(reference::inference_of(*subject.declared));
  const auto state =
      std::make_shared<State>(State{std::move(owner), core::Floats(std::size_t(images) * std::size_t(floats))});
  program.load(inputs.parameters.data(), inputs.buffers.data());
  return [state, &program, batch = inputs.images()] { program.run(batch, state->result.data()); };
}

/// Training steps by a program that its owner keeps alive.
template <class Owner, class Program>
Call step_of(std::shared_ptr<Owner> owner, Program& program, const Subject& subject, const Inputs& inputs,
             core::Workers& workers) {
  struct State {
    std::shared_ptr<Owner> owner;
    core::Floats parameters, buffers, gradients;
    training::Updater updater;
  };
  const auto state = std::make_shared<State>(
      State{std::move(owner), inputs.parameters, inputs.buffers, core::Floats(inputs.parameters.size()),
            training::Updater(subject.parameters, subject.parameter_count, subject.parameter_floats,
                              Sgd{.rate = steady_rate}, training::Clip{})});
  return [state, &program, &inputs, &workers, batch = inputs.images()] {
    check_loss(program.step(state->parameters.data(), state->buffers.data(), batch, inputs.labels(),
                            state->gradients.data(), inputs.options()));
    state->updater.update(workers, state->parameters.data(), state->gradients.data(), steady_rate);
  };
}

}  // namespace detail

/// A call on one of the back ends of backends_of(): an inference, or a training step with its update by SGD. The
/// subject, the inputs and the workers outlive it.
inline Call whole_network(const Subject& subject, const std::string& backend, const Inputs& inputs, int images,
                          core::Workers& workers) {
  for (const GivenBackend& given : subject.given)
    if (given.name == backend) return given.call(subject.training, inputs, images, workers);
  if (backend == "lanes" && subject.training) {
    const auto owner = std::make_shared<cpu::lanes::TrainingProgram>(*subject.groups, images, workers);
    return detail::step_of(owner, *owner, subject, inputs, workers);
  }
  if (backend == "lanes") {
    const auto owner = std::make_shared<cpu::lanes::InferenceProgram>(*subject.groups, images, workers);
    return detail::inference_of(owner, *owner, subject, inputs, images);
  }
  if (backend == "nhwc" && subject.training) {
    const auto owner = std::make_shared<detail::OnNodes<cpu::nhwc::TrainingProgram>>(subject, images, workers);
    return detail::step_of(owner, owner->program, subject, inputs, workers);
  }
  if (backend == "nhwc") {
    const auto owner = std::make_shared<detail::OnNodes<cpu::nhwc::InferenceProgram>>(subject, images, workers);
    return detail::inference_of(owner, owner->program, subject, inputs, images);
  }
  if (subject.training) {
    const auto owner = std::make_shared<reference::DeclaredTraining>(*subject.declared);
    return detail::step_of(owner, *owner, subject, inputs, workers);
  }
  const auto owner = std::make_shared<reference::DeclaredInference>(*subject.declared);
  return detail::inference_of(owner, *owner, subject, inputs, images);
}

}  // namespace strata::benchmarks

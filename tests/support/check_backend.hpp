// SPDX-License-Identifier: MIT
// The checks of every back end, on any network: inference and a training step against the reference for several batch
// sizes and thread counts, the same bits for every thread count, and the details of the interface (bytes, indices,
// accumulation, forward only, ignored labels, batch norms that keep their statistics). The network and the back end are
// passed as values, so that the checks are compiled once, in check_backend.cpp.
#pragma once

#include <strata/reference/random_data.hpp>
#include <strata/reference/reference.hpp>

#include <doctest/doctest.h>

#include <initializer_list>
#include <memory>
#include <string>
#include <vector>

#include "layer_cases.hpp"
#include "tolerance.hpp"

namespace strata::testing {

/// A network without its type.
struct Subject {
  const reference::Declaration& net;
  reference::TensorTable tensors;
  const char* spelling;
};

template <class Net>
Subject subject() {
  return {reference::declaration<Net>, reference::tensors_of(graph::lowered<Net>), spelling_of<Net>()};
}

/// A back end's programs for one network, without their types.
struct AnyInference {
  virtual ~AnyInference() = default;
  virtual void load(const float* parameters, const float* buffers) = 0;
  virtual void run(Images images, float* result) = 0;
};
struct AnyTraining {
  virtual ~AnyTraining() = default;
  virtual core::StepResult step(const float* parameters, float* buffers, Images images, Labels labels, float* gradients,
                                core::StepOptions options) = 0;
};
using MakeInference = std::unique_ptr<AnyInference> (*)(int max_batch, core::Workers& workers);
using MakeTraining = std::unique_ptr<AnyTraining> (*)(int max_batch, core::Workers& workers);

template <class Inference>
std::unique_ptr<AnyInference> make_inference(int max_batch, core::Workers& workers) {
  struct Wrapped final : AnyInference {
    Wrapped(int max_batch, core::Workers& workers) : inference(max_batch, workers) {}
    void load(const float* parameters, const float* buffers) override { inference.load(parameters, buffers); }
    void run(Images images, float* result) override { inference.run(images, result); }
    Inference inference;
  };
  return std::make_unique<Wrapped>(max_batch, workers);
}

template <class Training>
std::unique_ptr<AnyTraining> make_training(int max_batch, core::Workers& workers) {
  struct Wrapped final : AnyTraining {
    Wrapped(int max_batch, core::Workers& workers) : training(max_batch, workers) {}
    core::StepResult step(const float* parameters, float* buffers, Images images, Labels labels, float* gradients,
                          core::StepOptions options) override {
      return training.step(parameters, buffers, images, labels, gradients, options);
    }
    Training training;
  };
  return std::make_unique<Wrapped>(max_batch, workers);
}

/// The results of one training step.
struct Stepped {
  std::vector<float> gradients, buffers;
  core::StepResult sums;
  core::StepResult more[graph::max_ports - 1]{};  ///< of heads 1, 2, ...
  bool operator==(const Stepped& other) const;    ///< bit for bit
};

template <class Training>
Stepped step_of(Training& training, const reference::RandomData& data, Images images, core::StepOptions options,
                float gradients_before = 0) {
  Stepped s{std::vector<float>(data.parameters.size(), gradients_before), data.buffers, {}};
  options.more = s.more;
  s.sums =
      training.step(data.parameters.data(), s.buffers.data(), images, data.label_view(), s.gradients.data(), options);
  return s;
}

void check_inference(const Subject& subject, MakeInference make, std::initializer_list<int> batches,
                     std::initializer_list<int> threads);
void check_options(const Subject& subject, MakeTraining make, int batch);
void check_backend(const Subject& subject, MakeInference inference, MakeTraining training,
                   std::initializer_list<int> batches, std::initializer_list<int> threads);

/// Checks inference.
template <class Backend, class Net>
void check_inference(std::initializer_list<int> batches, std::initializer_list<int> threads) {
  check_inference(subject<Net>(), make_inference<typename Backend::template Inference<Net>>, batches, threads);
}
/// Checks the options of a training step, on one thread.
template <class Backend, class Net>
void check_options(int batch) {
  check_options(subject<Net>(), make_training<typename Backend::template Training<Net>>, batch);
}
/// Checks inference and a training step of `Net` on `Backend`.
template <class Backend, class Net>
void check_backend(std::initializer_list<int> batches = {1, 7, 17}, std::initializer_list<int> threads = {1, 2, 3}) {
  check_backend(subject<Net>(), make_inference<typename Backend::template Inference<Net>>,
                make_training<typename Backend::template Training<Net>>, batches, threads);
}

}  // namespace strata::testing

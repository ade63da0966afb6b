// SPDX-License-Identifier: MIT
// Inference node by node. Nothing is allocated after construction.
#pragma once

#include <strata/core/arena.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/cpu/nhwc/inference_of.hpp>

namespace strata::cpu::nhwc {

/// The part that does not depend on the network. `arena` has program.floats(max_batch, workers.count()) floats; it and
/// the workers must outlive this object.
class InferenceProgram {
 public:
  InferenceProgram(const Program& program, float* arena, int max_batch, core::Workers& workers)
      : program_(program), workers_(workers), memory_(program, arena, max_batch) {}

  /// Folds batch norms and packs weights. `buffers` must stay valid: run() reads the input's scale and shift.
  void load(const float* parameters, const float* buffers);

  /// Writes the network's output to result[images.count][H][W][C]; images.count <= max_batch. Of several heads, one
  /// after another.
  void run(Images images, float* result) noexcept;
  /// Writes the output of each head to results[head][images.count][H][W][C].
  void run(Images images, float* const* results) noexcept;

 private:
  const Program& program_;
  core::Workers& workers_;
  Memory memory_;
  Step step_{};
};

/// Inference of a network. FixedShape: small nodes use the kernels of fixed_shape/.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}, bool FixedShape = true>
class Inference {
 public:
  /// max_batch > 0; the workers must outlive this object.
  Inference(int max_batch, core::Workers& workers)
      : arena_(std::size_t(inference_bytes<Net, Options, FixedShape>(max_batch, workers.count()))),
        program_(InferenceOf<Net, Options, FixedShape>::program, arena_.floats(), max_batch, workers) {}
  void load(const float* parameters, const float* buffers) { program_.load(parameters, buffers); }
  void run(Images images, float* result) noexcept { program_.run(images, result); }
  void run(Images images, float* const* results) noexcept { program_.run(images, results); }

 private:
  core::Arena arena_;
  InferenceProgram program_;
};

#if STRATA_HAS_BODIES

STRATA_ONCE void InferenceProgram::load(const float* parameters, const float* buffers) {
  step_.parameters = parameters, step_.buffers = buffers, step_.functors = program_.functors;
  workers_.run([&](core::Team& team) {
    for (int i = 0; i < program_.count; i++) memory_.pack(i, step_, team);
  });
}

STRATA_ONCE void InferenceProgram::run(Images images, float* result) noexcept {
  float* results[graph::max_ports];
  graph::split_results(program_, images.count, result, results);
  run(images, results);
}

STRATA_ONCE void InferenceProgram::run(Images images, float* const* results) noexcept {
  Step step = step_;
  step.images = images;
  workers_.run([&](core::Team& team) {
    for (int i = 0; i < program_.count; i++) memory_.run(i, step, team, nullptr);
    team.for_each(images.count, [&](int n, int) {
      for (int head = 0; head < graph::result_count(program_); head++) {
        const int value = graph::result_of(program_, head);
        const long size = program_.nodes[value].out.size();
        std::copy_n(memory_.value(value) + n * program_.frame, size, results[head] + n * size);
      }
    });
  });
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::nhwc

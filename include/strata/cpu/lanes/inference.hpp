// SPDX-License-Identifier: MIT
// Runs a network on batches; threads divide the groups of images among themselves. Nothing is allocated after
// construction.
#pragma once

#include <strata/core/arena.hpp>
#include <strata/core/threads/parallel.hpp>
#include <strata/cpu/lanes/program.hpp>

namespace strata::cpu::lanes {

/// The part that does not depend on the network. max_batch > 0; the workers must outlive this object.
class InferenceProgram {
 public:
  InferenceProgram(const Program& program, int max_batch, core::Workers& workers);

  /// Folds batch norms and packs weights. The caller's arrays are not read afterwards.
  void load(const float* parameters, const float* buffers);

  /// Writes the network's output to result[images.count][H][W][C]; images.count <= max_batch. Of several heads, one
  /// after another.
  void run(Images images, float* result) noexcept;
  /// Writes the output of each head to results[head][images.count][H][W][C].
  void run(Images images, float* const* results) noexcept;

 private:
  void scatter(Shape shape, const float* from, int group, int count, float* result) const;

  const Program& program_;
  core::Workers& workers_;
  core::Arena arena_;
  Memory memory_;
};

template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
inline constexpr const Program& inference_program =
    ProgramOf<graph::inference_plan<Net, layout, Options>, graph::functors<Net>>::program;

/// Bytes that Inference<Net> allocates.
template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
constexpr long inference_bytes(int max_batch, int threads) {
  return inference_program<Net, Options>.floats(max_batch, threads) * long(sizeof(float));
}

template <class Net, graph::PlanOptions Options = graph::PlanOptions{}>
class Inference : public InferenceProgram {
 public:
  Inference(int max_batch, core::Workers& workers)
      : InferenceProgram(inference_program<Net, Options>, max_batch, workers) {}
};

#if STRATA_HAS_BODIES

STRATA_ONCE InferenceProgram::InferenceProgram(const Program& program, int max_batch, core::Workers& workers)
    : program_(program),
      workers_(workers),
      arena_(std::size_t(program.floats(max_batch, workers.count())) * sizeof(float)),
      memory_(program, arena_.floats(), max_batch) {}

STRATA_ONCE void InferenceProgram::load(const float* parameters, const float* buffers) {
  for (int i = 0; i < program_.count; i++) memory_.pack(i, parameters, buffers);
}

STRATA_ONCE void InferenceProgram::run(Images images, float* result) noexcept {
  float* results[graph::max_ports];
  graph::split_results(program_, images.count, result, results);
  run(images, results);
}

STRATA_ONCE void InferenceProgram::run(Images images, float* const* results) noexcept {
  const Step step{.images = images};
  workers_.run([&](core::Team& team) {
    team.for_each(groups_of(images.count), [&](int group, int slot) {
      for (int i = 0; i < program_.count; i++) memory_.call(i, step, group, 0, slot);
      for (int head = 0; head < graph::result_count(program_); head++) {
        const int value = graph::result_of(program_, head);
        scatter(program_.nodes[value].out, memory_.value(value, group, slot), group, images.count, results[head]);
      }
    });
  });
}

STRATA_ONCE void InferenceProgram::scatter(Shape shape, const float* from, int group, int count, float* result) const {
  const int images = std::min(width, count - group * width), pixels = shape.pixels();
  for (int l = 0; l < images; l++) {
    float* to = result + (long(group) * width + l) * shape.size();
    for (int p = 0; p < pixels; p++)
      for (int c = 0; c < shape.channels; c++) *to++ = from[(long(c) * pixels + p) * width + l];
  }
}

#endif  // STRATA_HAS_BODIES

}  // namespace strata::cpu::lanes

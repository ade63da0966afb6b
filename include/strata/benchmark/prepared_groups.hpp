// SPDX-License-Identifier: MIT
// A subject's program for images in lanes with its memory and inputs, ready to run node by node.
#pragma once

#include <strata/benchmark/inputs.hpp>
#include <strata/core/arena.hpp>
#include <strata/cpu/lanes/reduction.hpp>

#include <algorithm>
#include <vector>

namespace strata::benchmarks {

/// Ready to run. The subject, the inputs and the workers outlive it.
struct PreparedGroups {
  const cpu::lanes::Program& program;
  const Inputs& inputs;
  core::Workers& workers;
  bool training;
  core::Arena arena;
  cpu::lanes::Memory memory;
  cpu::lanes::Step step{}, of_heads[graph::max_ports]{};
  core::Floats buffers, gradients;                ///< a training updates the running statistics in the buffers
  core::StepResult sums{};                        ///< of the last step of a training
  core::StepResult more[graph::max_ports - 1]{};  ///< those of heads 1, 2, ...
  cpu::lanes::Targets targets{};                  ///< where the sums go
  std::vector<float> result;                      ///< of an inference

  PreparedGroups(const Subject& subject, const Inputs& in, int images, core::Workers& w)
      : program(*subject.groups),
        inputs(in),
        workers(w),
        training(subject.training),
        arena(std::size_t(program.floats(images, w.count())) * sizeof(float)),
        memory(program, arena.floats(), images),
        buffers(in.buffers) {
    std::fill_n(arena.floats(), program.floats(images, workers.count()), 0.f);
    step.parameters = inputs.parameters.data();
    step.images = inputs.images();
    if (training) {
      gradients.resize(inputs.parameters.size());
      targets = {.buffers = buffers.data(), .gradients = gradients.data(), .result = &sums, .more = more};
      detail::set_heads(program, inputs, step, of_heads);
    } else {
      result.resize(std::size_t(images) * std::size_t(graph::result_floats(program)));
      for (int i = 0; i < program.count; i++) pack(i);
    }
  }
  PreparedGroups(const PreparedGroups&) = delete;
  PreparedGroups& operator=(const PreparedGroups&) = delete;

  int images() const { return step.images.count; }
  int groups() const { return cpu::lanes::groups_of(images()); }
  int chunks() const { return cpu::lanes::chunks_of(images()); }
  /// The first group of a chunk.
  int first_group(int chunk) const { return int(long(groups()) * chunk / chunks()); }
  /// What adds the sums of the chunks.
  cpu::lanes::Reduction reduction() const { return {memory, chunks(), targets}; }

  /// Packs a node's weights.
  void pack(int i) const { memory.pack(i, inputs.parameters.data(), buffers.data()); }
  /// Whether an earlier node packs them too: recomputed nodes share the weights of the first.
  bool shares_weights(int i) const {
    for (int k = 0; k < i; k++)
      if (program.packed[k] == program.packed[i] && program.packed_sizes[k] > 0) return true;
    return false;
  }
  /// The end of a phase's nodes.
  int phase_end(int first) const {
    int last = first;
    while (last < program.count && program.phase[last] == program.phase[first]) last++;
    return last;
  }
};

}  // namespace strata::benchmarks

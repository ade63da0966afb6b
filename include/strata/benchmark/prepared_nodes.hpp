// SPDX-License-Identifier: MIT
// A subject's program by node with its memory and inputs, ready to run node by node.
#pragma once

#include <strata/benchmark/complete_program.hpp>
#include <strata/benchmark/inputs.hpp>
#include <strata/core/arena.hpp>

#include <algorithm>
#include <vector>

namespace strata::benchmarks {

/// Ready to run. The subject, the inputs and the workers outlive it.
struct PreparedNodes {
  const Subject& subject;
  core::Workers& workers;
  int images;
  CompleteProgram complete;
  const cpu::nhwc::Program& program = complete.program;
  core::Arena arena;
  cpu::nhwc::Memory memory;
  cpu::nhwc::Step step{};
  core::Floats buffers, gradients;  ///< a training updates the running statistics in the buffers
  std::vector<float> result;        ///< of an inference

  PreparedNodes(const Subject& s, const Inputs& inputs, int count, core::Workers& w)
      : subject(s),
        workers(w),
        images(count),
        complete(*s.nodes),
        arena(std::size_t(program.floats(count, w.count())) * sizeof(float)),
        memory(program, arena.floats(), count),
        buffers(inputs.buffers) {
    step.parameters = inputs.parameters.data(), step.buffers = buffers.data();
    step.images = inputs.images(images), step.functors = program.functors;
    if (subject.training) {
      gradients.resize(inputs.parameters.size());
      step.running = buffers.data(), step.gradients = gradients.data();
      step.labels.values = inputs.labels.data();
      step.term.weights = inputs.weights_of_classes();
      step.loss_scale = 1 / (double(images) * program.nodes[program.loss].mid.pixels());
      return;
    }
    result.resize(std::size_t(images) * std::size_t(program.nodes[program.result].out.size()));
    workers.run([&](core::Team& team) {
      for (int i = 0; i < program.count; i++) memory.pack(i, step, team);
    });
  }
  PreparedNodes(const PreparedNodes&) = delete;
  PreparedNodes& operator=(const PreparedNodes&) = delete;

  /// Copies the result to where a caller would find it.
  void copy_result(core::Team& team) {
    const long size = program.nodes[program.result].out.size();
    team.for_each(images, [&](int n, int) {
      std::copy_n(memory.value(program.result) + n * program.frame, size, result.data() + n * size);
    });
  }
};

}  // namespace strata::benchmarks
